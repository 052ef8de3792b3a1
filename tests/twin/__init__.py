"""Tests of `gateway/twin/`."""
