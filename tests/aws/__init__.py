"""Tests of `gateway/aws/`."""
