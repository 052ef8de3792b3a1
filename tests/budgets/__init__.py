"""Tests of how much each caller may take."""
