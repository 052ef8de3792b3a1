"""What nobody may learn, whichever way it is tried."""
