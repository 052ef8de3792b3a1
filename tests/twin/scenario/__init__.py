"""Tests of `gateway.twin.scenario`."""
