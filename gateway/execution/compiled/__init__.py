"""The compiled executor: operations become templates that copy rendered JSON."""
