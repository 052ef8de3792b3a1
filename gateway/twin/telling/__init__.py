"""Telling: describe answers for the resources of the stories, as of a moment."""
