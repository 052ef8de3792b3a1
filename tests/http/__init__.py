"""Tests of `gateway/http/`."""
