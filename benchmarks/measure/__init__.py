"""The measurements, one file for each kind."""
