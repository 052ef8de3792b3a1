"""The log: one line for each event, without secrets, written in the background."""
