"""Tests of `gateway/logs/`."""
