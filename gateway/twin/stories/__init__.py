"""Stories: which resources exist, how they are linked, when they begin, fail and end."""
