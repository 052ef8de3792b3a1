"""The command line, `sagemaker-gateway` or `python -m gateway`."""

from gateway.cli.main import main

__all__ = ["main"]
