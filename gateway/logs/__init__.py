"""What the processes log: one line for each event, without secrets, never waiting for a reader."""
