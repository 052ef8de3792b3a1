"""Load generators: closed loop, constant rate, and simultaneous requests."""
