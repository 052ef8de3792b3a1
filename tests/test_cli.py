"""The command line: what it prints, and how plainly it says what is wrong."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema, lexicographic_sort_schema, print_schema

from gateway.aws.resources import OPERATIONS, RESOURCES
from gateway.cli import main
from gateway.schema.schema import CORE_SCHEMA
from gateway.settings import ServerSettings, Settings

ROOT = Path(__file__).parents[1]
COMMAND = Path(sys.executable).with_name("sagemaker-gateway")


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Return the list of what would have been served; nothing is."""
    calls: list[dict[str, Any]] = []

    def serve(
        app: object, listener: socket.socket, shutdown: object, settings: ServerSettings
    ) -> None:
        address = listener.getsockname()[:2]
        calls.append({"app": app, "address": address, "log_level": settings.log_level})
        listener.close()

    monkeypatch.setattr("gateway.server.uvicorn.serve", serve)
    return calls


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


def test_serve_serves(served: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    """With a region and credentials the gateway listens where it is told to."""
    main(["serve", "--region", "eu-west-1", "--port", "0", "--log-level", "warning"])

    (call,) = served
    host, port = call["address"]
    assert host == "127.0.0.1"
    assert port != 0
    assert call["log_level"] == "warning"
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("variable", ["GATEWAY_REGION", "AWS_DEFAULT_REGION"])
def test_region_is_taken_from_the_environment(
    served: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """The region can come from the gateway's variables and from AWS's."""
    monkeypatch.setenv(variable, "eu-west-1")

    main(["serve", "--port", "0"])

    assert len(served) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost"])
def test_loopback_needs_no_waiver(served: list[dict[str, Any]], host: str) -> None:
    """Who can only be reached from the same machine may serve without authentication."""
    main(["serve", "--region", "eu-west-1", "--port", "0", "--host", host])

    assert len(served) == 1


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.0.2.1", "", "127.example.com", "localhost.example.com", "::1:2"]
)
def test_other_hosts_need_a_waiver(
    served: list[dict[str, Any]], capsys: pytest.CaptureFixture[str], host: str
) -> None:
    """Serving other machines without authentication must be asked for by name."""
    line = refusal(capsys, "serve", "--region", "eu-west-1", "--port", "0", "--host", host)

    assert "--allow-unauthenticated" in line
    assert served == []


def test_waiver_is_obeyed(served: list[dict[str, Any]]) -> None:
    """With the waiver the gateway serves other machines."""
    options = ["--region", "eu-west-1", "--port", "0", "--host", "0.0.0.0"]
    main(["serve", *options, "--allow-unauthenticated"])

    assert served[0]["address"][0] == "0.0.0.0"


@pytest.mark.usefixtures("served")
def test_missing_credentials(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without credentials the gateway says what to set."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    line = refusal(capsys, "serve", "--region", "eu-west-1", "--port", "0")

    assert "No AWS credentials" in line
    assert "AWS_ACCESS_KEY_ID" in line
    assert "--profile" in line


@pytest.mark.usefixtures("served")
def test_half_of_the_credentials(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A key without its secret is said to be that."""
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    line = refusal(capsys, "serve", "--region", "eu-west-1", "--port", "0")

    assert "AWS_SECRET_ACCESS_KEY" in line


@pytest.mark.usefixtures("served")
def test_missing_region(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a region the gateway says what to set."""
    line = refusal(capsys, "serve", "--port", "0")

    assert "No AWS region" in line
    assert re.findall(r"--region|\w+_REGION", line) == [
        "--region",
        "GATEWAY_REGION",
        "AWS_DEFAULT_REGION",
    ]


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("region", ["mars-north-1", "", "eu-west-1x", "eu west"])
@pytest.mark.parametrize("more", [[], ["--endpoint-url", "http://127.0.0.1:9"]])
def test_region_that_does_not_exist(
    capsys: pytest.CaptureFixture[str], region: str, more: list[str]
) -> None:
    """A region that AWS does not have is refused at the start."""
    line = refusal(capsys, "serve", "--region", region, "--port", "0", *more)

    assert "region" in line


@pytest.mark.usefixtures("served")
def test_unknown_profile(capsys: pytest.CaptureFixture[str]) -> None:
    """A profile that is not in AWS's files is refused by its name."""
    line = refusal(capsys, "serve", "--profile", "nobody", "--region", "eu-west-1", "--port", "0")

    assert "nobody" in line
    assert "--profile" in line


@pytest.mark.usefixtures("served")
def test_unknown_profile_in_aws_s_own_variable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """AWS_PROFILE is obeyed, and refused as plainly."""
    monkeypatch.setenv("AWS_PROFILE", "nobody")

    line = refusal(capsys, "serve", "--region", "eu-west-1", "--port", "0")

    assert "nobody" in line


@pytest.mark.usefixtures("served")
def test_broken_aws_files(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A configuration file that AWS cannot read is named."""
    path = tmp_path / "config"
    path.write_text("not = a section\n", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))

    line = refusal(capsys, "serve", "--region", "eu-west-1", "--port", "0")

    assert str(path) in line


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--port", "x"),
        ("--port", "70000"),
        ("--fresh-finished", "-1"),
        ("--log-level", "loud"),
        ("--aws-concurrency", "0"),
        ("--cache-megabytes", "many"),
        ("--endpoint-url", "nonsense"),
    ],
)
def test_bad_value_is_said_by_its_setting(
    capsys: pytest.CaptureFixture[str], option: str, value: str
) -> None:
    """A value that makes no sense is refused by the setting's name."""
    line = refusal(capsys, "serve", f"{option}={value}")

    assert f"GATEWAY_{option[2:].replace('-', '_').upper()}: " in line


def test_bad_values_are_said_together(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever has two settings wrong learns of both, in one line."""
    monkeypatch.setenv("GATEWAY_PORT", "x")
    monkeypatch.setenv("GATEWAY_MAX_DEPTH", "0")

    line = refusal(capsys, "serve")

    assert "GATEWAY_PORT" in line
    assert "GATEWAY_MAX_DEPTH" in line


@pytest.fixture
def taken() -> Iterator[int]:
    """Yield a port on loopback that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_port_in_use(capsys: pytest.CaptureFixture[str], taken: int) -> None:
    """A port in use is said as plainly, with the option that sets another one."""
    line = refusal(capsys, "serve", "--region", "eu-west-1", "--port", str(taken))

    assert line == (f"Port {taken} on 127.0.0.1 is in use: stop what uses it, or set --port.")


def test_twin_s_port_in_use(capsys: pytest.CaptureFixture[str], taken: int) -> None:
    """The twin's port is said to be in use by its own option."""
    line = refusal(capsys, "twin", "--twin-port", str(taken), "--jobs", "1")

    assert f"Port {taken}" in line
    assert "--twin-port" in line


def test_demo_s_port_in_use(capsys: pytest.CaptureFixture[str], taken: int) -> None:
    """The demo stops when either of its ports is in use."""
    with pytest.raises(SystemExit) as caught:
        main(["demo", "--twin-port", "0", "--port", str(taken), "--jobs", "1"])

    assert caught.value.code == 2
    assert "--port" in one_line(capsys.readouterr().err)


def test_address_of_another_machine(capsys: pytest.CaptureFixture[str]) -> None:
    """An address that this machine does not have is refused without a traceback."""
    line = refusal(
        capsys,
        *("serve", "--region", "eu-west-1", "--host", "192.0.2.1", "--port", "0"),
        "--allow-unauthenticated",
    )

    assert "192.0.2.1" in line


def test_demo_serves_the_twin(
    monkeypatch: pytest.MonkeyPatch,
    served: list[dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The demo needs no credentials and no AWS: it says where both servers are."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)

    main(["demo", "--port", "0", "--twin-port", "0", "--jobs", "3"])

    assert len(served) == 1
    assert re.search(r"http://127\.0\.0\.1:\d+", capsys.readouterr().out)


@pytest.mark.parametrize("command", ["demo", "twin"])
def test_jobs_that_cannot_be_made(capsys: pytest.CaptureFixture[str], command: str) -> None:
    """A number of jobs that makes no sense is refused."""
    line = refusal(capsys, command, "--twin-port", "0", "--jobs=-1")

    assert "jobs" in line


def test_help_lists_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    """The help of `serve` has each setting with its variable and its description."""
    with pytest.raises(SystemExit):
        main(["serve", "--help"])

    text = " ".join(capsys.readouterr().out.split())
    for name, field in Settings.model_fields.items():
        assert f"--{name.replace('_', '-')}" in text
        assert f"GATEWAY_{name.upper()}" in text.replace("- ", "-")
        assert field.description


def test_installed_command_refuses_without_a_traceback() -> None:
    """The command that users have exits with 2 and one line on standard error."""
    done = run(
        "serve",
        "--region",
        "eu-west-1",
        "--port",
        "0",
        AWS_ACCESS_KEY_ID="",
        AWS_SECRET_ACCESS_KEY="",
    )

    assert done.returncode == 2
    assert "No AWS credentials" in one_line(done.stderr)
    assert done.stdout == ""


def test_installed_command_prints_the_schema() -> None:
    """The command that users have prints the contract, without AWS in reach."""
    done = run("schema", AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (ROOT / "schema.graphql").read_text(encoding="utf-8")


def test_importing_the_command_line_is_light() -> None:
    """`schema` and wrong options do not wait for boto3, the web server or the twin."""
    code = "import sys, gateway.cli; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )

    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert loaded.isdisjoint({"boto3", "botocore", "moto", "uvicorn", "strawberry", "starlette"})
