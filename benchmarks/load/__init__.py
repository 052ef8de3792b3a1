"""Clients that ask as fast as they can, at a given rate, or all at once."""
