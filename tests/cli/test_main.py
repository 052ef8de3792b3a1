"""The commands that print, and the command that users have installed."""

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, lexicographic_sort_schema, print_schema

from gateway.cli import main
from gateway.schema.registry import OPERATIONS, RESOURCES
from gateway.schema.schema import CORE_SCHEMA

from .commands import COMMAND, refusal, run

ROOT = Path(__file__).parents[2]


def test_schema_file_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    """`schema.graphql`, the contract that clients read, is up to date: `make schema`."""
    main(["schema"])

    assert capsys.readouterr().out == (ROOT / "schema.graphql").read_text(encoding="utf-8")


def test_schema_file_is_the_schema() -> None:
    """The file parses, and says what the gateway serves."""
    built = build_schema((ROOT / "schema.graphql").read_text(encoding="utf-8"))

    assert in_order(built) == in_order(CORE_SCHEMA)


def in_order(schema: GraphQLSchema) -> list[str]:
    """Return a schema's definitions as words, sorted by name."""
    return print_schema(lexicographic_sort_schema(schema)).split()


def test_iam_policy_is_the_table_of_operations(capsys: pytest.CaptureFixture[str]) -> None:
    """The policy allows the calls that the gateway makes and nothing else."""
    main(["iam-policy"])

    policy = json.loads(capsys.readouterr().out)
    (statement,) = policy["Statement"]
    assert policy["Version"] == "2012-10-17"
    assert statement["Effect"] == "Allow"
    assert statement["Action"] == [f"sagemaker:{operation}" for operation in OPERATIONS]
    assert {resource.describe for resource in RESOURCES} <= set(OPERATIONS)
    assert all(re.fullmatch(r"(Describe|List|Search)\w*", action) for action in OPERATIONS)


def test_installed_command_prints_the_schema() -> None:
    """The command that users have prints the contract, without AWS in reach."""
    done = run("schema", AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (ROOT / "schema.graphql").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", [[COMMAND], [sys.executable, "-m", "gateway"]])
def test_version(command: list[str | Path]) -> None:
    """The version is that of the package, however the command is run."""
    done = subprocess.run(
        [*command, "--version"], capture_output=True, text=True, timeout=60, check=True
    )

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert done.stdout.strip() == project["version"]


def test_no_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a command one line says so."""
    assert "COMMAND" in refusal(capsys)


def test_importing_the_command_line_is_light() -> None:
    """`schema` and wrong options do not wait for boto3, the web server or the twin."""
    code = "import sys, gateway.cli; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )

    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert loaded.isdisjoint({"boto3", "botocore", "moto", "uvicorn", "strawberry", "starlette"})


def test_new_key(capsys: pytest.CaptureFixture[str]) -> None:
    """`new-key` prints a key and the hash of it, another one each time."""
    main(["new-key"])
    first = capsys.readouterr().out
    main(["new-key"])
    found = re.fullmatch(r"key:  (smgw_\w{49})\nhash: (sha256:[0-9a-f]{64})\n", first)

    assert found is not None
    assert hashlib.sha256(found[1].encode()).hexdigest() == found[2].removeprefix("sha256:")
    assert capsys.readouterr().out != first
