"""Differential test: generated operations, run by both executors, must give equal results."""
