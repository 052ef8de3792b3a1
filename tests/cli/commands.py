"""Commands run in this process and in processes of their own."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from gateway.cli import main

COMMAND: Final = Path(sys.executable).with_name("sagemaker-gateway")


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return the one line that a command ends with, at once and with exit code 2."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    captured = capsys.readouterr()
    assert caught.value.code == 2
    assert captured.out == ""
    return one_line(captured.err)


def one_line(text: str) -> str:
    """Return the text of standard error. Fails unless it is one line of ours."""
    assert text.count("\n") == 1, text
    assert text.startswith("sagemaker-gateway: "), text
    assert "Traceback" not in text
    return text.removeprefix("sagemaker-gateway: ").strip()


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a process of its own, to its end."""
    return subprocess.run(
        [COMMAND, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
