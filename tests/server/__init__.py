"""Tests of `gateway/server`."""
