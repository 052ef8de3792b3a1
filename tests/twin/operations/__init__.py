"""Tests of `gateway.twin.operations`."""
