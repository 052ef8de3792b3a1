"""Attacks on the gateway, and what they cost the process and its other clients."""
