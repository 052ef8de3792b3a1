"""Tests that send the gateway what other people's clients send."""
