"""The two executors, run side by side on generated operations: they must not differ."""
