"""What can be told of the image without building it."""

import ast
import json
import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parent.parent


class Instruction(NamedTuple):
    """One instruction of a Dockerfile, its continued lines joined."""

    stage: int
    name: str
    rest: str


def read_dockerfile() -> list[Instruction]:
    """Return the instructions, each with the stage that it is in, counted from 0."""
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    instructions: list[Instruction] = []
    stage = -1
    for line in re.sub(r"\s*\\\n\s*", " ", text).splitlines():
        if line.strip():
            name, rest = line.split(maxsplit=1)
            stage += name == "FROM"
            instructions.append(Instruction(stage, name, rest))
    return instructions


INSTRUCTIONS: Final = read_dockerfile()
LAST_STAGE: Final = INSTRUCTIONS[-1].stage


def of_final_image(name: str) -> list[str]:
    """Return what the last stage says under one instruction."""
    return [item.rest for item in INSTRUCTIONS if item[:2] == (LAST_STAGE, name)]


def copied_from_checkout() -> list[str]:
    """Return the sources of every COPY that is not from another stage."""
    copies = (item.rest.split() for item in INSTRUCTIONS if item.name == "COPY")
    return [source for words in copies if "--from" not in words[0] for source in words[:-1]]


def is_in_context(source: str) -> bool:
    """Tell whether `.dockerignore` lets a path through; the last pattern that fits decides."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    is_in = True
    for pattern in (line for line in lines if line and not line.startswith("#")):
        if fnmatch(source, pattern.removeprefix("!")):
            is_in = pattern.startswith("!")
    return is_in


def test_copied_files_exist() -> None:
    """Every source of a COPY is in the checkout and in the build context."""
    sources = copied_from_checkout()

    assert {"gateway", "pyproject.toml", "requirements/runtime.txt"} <= set(sources)
    for source in sources:
        assert (ROOT / source).exists(), source
        assert is_in_context(source), source


def test_context_is_small() -> None:
    """Nothing that the image does not need is sent to the engine."""
    for path in (".git", ".venv", "tests", "graphiql", "requirements/dev.txt", ".env"):
        assert not is_in_context(path), path


def test_stages_share_one_python() -> None:
    """Both stages start from the same tag: the environment is copied from one to the other."""
    bases = [item.rest.split()[0] for item in INSTRUCTIONS if item.name == "FROM"]

    assert len(bases) == LAST_STAGE + 1
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+-slim", bases[0])


def test_installs_are_hashed() -> None:
    """Whatever is installed from outside the checkout is checked by its hash."""
    commands = [
        command
        for item in INSTRUCTIONS
        if item.name == "RUN"
        for command in item.rest.split("&&")
        if " install " in command
    ]

    assert commands
    for command in commands:
        assert "--require-hashes -r " in command or "--no-deps dist/" in command, command


def test_user_is_not_root() -> None:
    """The image runs under a number, which an orchestrator can tell from root's."""
    user, group = of_final_image("USER")[-1].split(":")

    assert int(user) > 0
    assert int(group) > 0


def test_serves_by_default() -> None:
    """The process gets signals itself, and is `serve` unless told otherwise."""
    assert json.loads(of_final_image("ENTRYPOINT")[0]) == ["sagemaker-gateway"]
    assert json.loads(of_final_image("CMD")[0]) == ["serve"]
    assert of_final_image("EXPOSE") == ["8000"]
    assert of_final_image("STOPSIGNAL") == ["SIGTERM"]


def test_does_not_waive_authentication() -> None:
    """The image listens on all addresses, and leaves it to its user to allow that."""
    environment = " ".join(of_final_image("ENV"))

    assert "GATEWAY_HOST=0.0.0.0" in environment
    assert "GATEWAY_ALLOW_UNAUTHENTICATED" not in environment


def test_health_check_parses() -> None:
    """The health check is a command without a shell, its Python is valid, and it asks /healthz."""
    command = json.loads(of_final_image("HEALTHCHECK")[0].partition(" CMD ")[2])

    assert command[:2] == ["python", "-c"]
    ast.parse(command[2])
    assert "/healthz" in command[2]
