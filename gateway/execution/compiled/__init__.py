"""The compiled executor: operations become templates that are filled with rendered JSON."""
