"""moto's own tests pass against the twin, but for those that AWS would fail too."""

import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from gateway.twin import Twin
from tests.twin.moto.differences import CORRECTIONS, EXCEPTIONS

ROOT = Path(__file__).parents[3]
UPSTREAM = Path(__file__).parent / "upstream"
# Seconds for one module of tests; they take about ten.
PATIENCE = 300


def run_module(module: str, url: str, folder: Path) -> dict[str, bool]:
    """Run a module of moto's tests in a process of its own; return which of them passed."""
    text = (UPSTREAM / f"sagemaker_{module}.py.txt").read_text()
    for wrong, right in CORRECTIONS[module]:
        assert wrong in text
        text = text.replace(wrong, right)
    (folder / f"test_{module}.py").write_text(text)
    settings = {
        "TEST_SERVER_MODE": "true",
        "TEST_SERVER_MODE_ENDPOINT": url,
        "PYTHONPATH": str(ROOT),
        "NO_PROXY": "127.0.0.1",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    ours = ("PYTEST_", "AWS_", "TEST_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    report = folder / "report.xml"
    plugins = ("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "tests.twin.moto.shared_models")
    options = ("-q", *plugins, "-c", os.devnull)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, f"--rootdir={folder}", f"--junitxml={report}"],
        cwd=folder,
        env={**inherited, **settings},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert report.exists(), done.stdout + done.stderr
    cases = ET.parse(report).iter("testcase")
    return {case.attrib["name"]: case.find("*") is None for case in cases}


@pytest.mark.parametrize("module", EXCEPTIONS)
def test_motos_tests_pass(module: str, tmp_path: Path) -> None:
    """All tests of a module pass against an empty twin, but for the excepted ones."""
    with Twin(jobs=0, job_seconds=0, region="us-east-1") as twin:
        passed = run_module(module, twin.url, tmp_path)

    failed = {name for name, has_passed in passed.items() if not has_passed}
    # The figure is shown beside the verdict.
    print(f"moto's tests, {module}: {len(passed) - len(failed)} of {len(passed)} pass")  # noqa: T201
    assert failed == set(EXCEPTIONS[module])
    assert len(passed) > len(failed)


def test_version_is_the_installed_one() -> None:
    """The tests are those of the moto that the lock pins."""
    named = re.search(r"moto ([\d.]+\d)", (UPSTREAM / "README.md").read_text())

    assert named is not None
    assert named[1] == version("moto")
