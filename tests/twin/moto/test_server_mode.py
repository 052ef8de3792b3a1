"""moto's own tests pass against the twin, but for those that AWS would fail too."""

import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree as ET

from gateway.twin import Twin
from tests.twin.moto.differences import CORRECTIONS, EXCEPTIONS

ROOT = Path(__file__).parents[3]
UPSTREAM = Path(__file__).parent / "upstream"
# Seconds; they take about fifteen.
PATIENCE = 300


def write_modules(folder: Path) -> None:
    """Write moto's tests into a folder, with allowed arguments."""
    for module, corrections in CORRECTIONS.items():
        text = (UPSTREAM / f"sagemaker_{module}.py.txt").read_text()
        for wrong, right in corrections:
            assert wrong in text
            text = text.replace(wrong, right)
        (folder / f"test_{module}.py").write_text(text)


def run_tests(folder: Path, url: str) -> dict[str, dict[str, bool]]:
    """Run tests in a process of its own; return by module which of them passed."""
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
    passed: dict[str, dict[str, bool]] = {}
    for case in ET.parse(report).iter("testcase"):
        module = case.attrib["classname"].removeprefix("test_")
        passed.setdefault(module, {})[case.attrib["name"]] = case.find("*") is None
    return passed


def test_motos_tests_pass(tmp_path: Path) -> None:
    """All tests pass against an empty twin, but for the excepted ones."""
    write_modules(tmp_path)
    with Twin(jobs=0, job_seconds=0, region="us-east-1") as twin:
        results = run_tests(tmp_path, twin.url)

    failed = {
        module: {name for name in found if not found[name]} for module, found in results.items()
    }
    for module, found in results.items():
        # The figure is shown beside the verdict.
        passed = sum(found.values())
        print(f"moto's tests, {module}: {passed} of {len(found)} pass")  # noqa: T201
    assert failed == {module: set(reasons) for module, reasons in EXCEPTIONS.items()}
    assert all(any(found.values()) for found in results.values())


def test_version_is_the_installed_one() -> None:
    """The tests are those of the moto that the lock pins."""
    named = re.search(r"moto ([\d.]+\d)", (UPSTREAM / "README.md").read_text())

    assert named is not None
    assert named[1] == version("moto")
