"""Tests of `gateway/execution/`."""
