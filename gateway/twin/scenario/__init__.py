"""Stories of linked jobs, told from a seed."""
