"""Describe answers of jobs and schedules, made from their records."""
