"""The gateway beside its limit and its peers, in one run: `python -m benchmarks --help`."""
