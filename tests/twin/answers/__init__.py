"""Tests of `gateway.twin.answers`."""
