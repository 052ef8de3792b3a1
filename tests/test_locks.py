"""The locks hold what `pyproject.toml` asks for: versions, hashes, and nothing of one machine."""

import re
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).parent.parent
PROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())
NEEDED: Final = {
    "runtime": PROJECT["project"]["dependencies"],
    "build": PROJECT["build-system"]["requires"],
    "dev": [
        *PROJECT["project"]["dependencies"],
        *PROJECT["project"]["optional-dependencies"]["twin"],
        *PROJECT["dependency-groups"]["dev"],
        *PROJECT["build-system"]["requires"],
    ],
}


def read_lock(name: str) -> dict[str, set[str]]:
    """Return the locked versions by package. Fails on a line that is no pin or has no hash."""
    pins: dict[str, set[str]] = {}
    for block in re.split(r"\n(?=\S)", (ROOT / "requirements" / f"{name}.txt").read_text()):
        if block.startswith("#"):
            continue
        first, *hashes = re.split(r"\s*\\\n\s+", block.strip())
        requirement = Requirement(first)
        assert re.fullmatch(r"==[^*]+", str(requirement.specifier)), first
        assert hashes, first
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", item) for item in hashes), first
        version = str(requirement.specifier).removeprefix("==")
        pins.setdefault(canonicalize_name(requirement.name), set()).add(version)
    return pins


@pytest.mark.parametrize("name", NEEDED)
def test_lock_satisfies_project(name: str) -> None:
    """Each requirement is locked at a version that it allows, with hashes and no address."""
    pins = read_lock(name)
    for text in NEEDED[name]:
        requirement = Requirement(text)
        versions = pins.get(canonicalize_name(requirement.name), set())

        assert versions, f"{text} is not in requirements/{name}.txt: run `make lock`"
        assert all(requirement.specifier.contains(version) for version in versions), text


@pytest.mark.parametrize("name", ["runtime", "build"])
def test_locks_agree(name: str) -> None:
    """What the image runs on is what the tests ran on."""
    tested = read_lock("dev")

    assert read_lock(name).items() <= tested.items()
