"""`serve`, `demo` and `twin`: what they serve, and the line that says why they cannot."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.cli import main
from gateway.server.uvicorn import Port
from gateway.settings import ServerSettings

from .commands import one_line, refusal, run


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Return the list of what would have been served; nothing is."""
    calls: list[dict[str, Any]] = []

    def serve(gateway: Port, lifecycle: object, settings: ServerSettings, metrics: object) -> None:
        address = gateway.listener.getsockname()[:2]
        calls.append({"app": gateway.app, "address": address, "log_level": settings.log_level})
        gateway.listener.close()

    monkeypatch.setattr("gateway.server.uvicorn.serve", serve)
    return calls


def test_serve_serves(served: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    """With a region and credentials the gateway listens on the address of the settings."""
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
    "host", ["0.0.0.0", "::", "192.0.2.1", "127.example.com", "localhost.example.com", "::1:2"]
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


def test_access_file_is_enough(served: list[dict[str, Any]], tmp_path: Path) -> None:
    """With an access file the gateway serves other machines: it asks who they are."""
    path = tmp_path / "access.toml"
    path.write_text(f'[[api_keys]]\nname = "a"\nhash = "sha256:{"0" * 64}"\n')
    options = ["--region", "eu-west-1", "--port", "0", "--host", "0.0.0.0"]
    main(["serve", *options, "--access-file", str(path)])

    assert served[0]["address"][0] == "0.0.0.0"


@pytest.mark.usefixtures("served")
def test_wrong_access_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The line about a wrong access file names the file and the key."""
    path = tmp_path / "access.toml"
    path.write_text('[[api_keys]]\nname = "a"\nhsh = "sha256:"\n')
    options = ["--region", "eu-west-1", "--port", "0"]

    line = refusal(capsys, "serve", *options, "--access-file", str(path))

    assert line.startswith(f"{path}: api_keys[0].")
    assert "api_keys[0].hsh: There is no such key. Did you mean `hash`?" in line


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
    """The message names the missing half of the credentials."""
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


@pytest.fixture
def taken() -> Iterator[int]:
    """Yield a port on loopback that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_port_in_use(capsys: pytest.CaptureFixture[str], taken: int) -> None:
    """The message about a port in use names the option that sets another one."""
    line = refusal(capsys, "serve", "--region", "eu-west-1", "--port", str(taken))

    assert line == (f"Port {taken} on 127.0.0.1 is in use: stop what uses it, or set --port.")


def test_metrics_port_in_use(capsys: pytest.CaptureFixture[str], taken: int) -> None:
    """The message about the port for metrics names its own option."""
    options = ["--region", "eu-west-1", "--port", "0", "--metrics-port", str(taken)]

    assert f"Port {taken} on 127.0.0.1 is in use" in (line := refusal(capsys, "serve", *options))
    assert line.endswith("or set --metrics-port.")


def test_twin_s_port_in_use(capsys: pytest.CaptureFixture[str], taken: int) -> None:
    """The message about the twin's port names the twin's option."""
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


@pytest.mark.parametrize("seconds", ["-1", "nan", "1e99"])
def test_job_seconds_that_make_no_sense(capsys: pytest.CaptureFixture[str], seconds: str) -> None:
    """A duration of created jobs that makes no sense is refused."""
    line = refusal(capsys, "twin", "--twin-port", "0", f"--job-seconds={seconds}")

    assert "job seconds must be from 0" in line


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


@pytest.mark.parametrize(
    "options",
    [["--region", "eu-wset-1"], ["--region", "eu-west-1", "--regions", "us-east-1,eu-wset-1"]],
)
def test_misspelt_region_is_corrected(
    served: list[dict[str, Any]], capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    """A region that AWS does not have is refused with the nearest one that it has."""
    line = refusal(capsys, "serve", "--port", "0", *options)

    assert f"{options[-2]} (GATEWAY_" in line
    assert "no region 'eu-wset-1'. Did you mean 'eu-west-1'?" in line
    assert served == []


def test_region_of_another_partition(capsys: pytest.CaptureFixture[str]) -> None:
    """A region that the credentials cannot be good for is none that queries may name."""
    options = ["--region", "eu-west-1", "--regions", "cn-north-1", "--port", "0"]

    assert "'cn-north-1'" in refusal(capsys, "serve", *options)


def test_new_region_is_called_by_its_url(served: list[dict[str, Any]]) -> None:
    """A region that botocore does not know yet can be served where its address is given."""
    options = ["--region", "eu-west-99", "--endpoint-url", "http://127.0.0.1:9", "--port", "0"]
    main(["serve", *options, "--regions", "eu-west-99,eu-west-1"])

    assert len(served) == 1


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_misspelt_variable_stops_the_command(
    monkeypatch: pytest.MonkeyPatch,
    served: list[dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
    command: str,
) -> None:
    """A variable that is no setting does not silently do nothing."""
    monkeypatch.setenv("GATEWAY_WOKERS", "4")

    line = refusal(
        capsys, command, *(["--twin-port", "0", "--jobs", "1"] if command == "demo" else [])
    )

    assert line == "GATEWAY_WOKERS: There is no such setting. Did you mean GATEWAY_WORKERS?"
    assert served == []


def test_demo_listens_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
    served: list[dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The demo obeys the settings that it has no use of its own for, and names the others."""
    monkeypatch.setenv("GATEWAY_HOST", "127.0.0.2")
    monkeypatch.setenv("GATEWAY_PORT", "0")
    monkeypatch.setenv("GATEWAY_WORKERS", "4")
    monkeypatch.setenv("GATEWAY_REGION", "us-east-1")

    main(["demo", "--twin-port", "0", "--jobs", "3"])

    host, port = served[0]["address"]
    printed = capsys.readouterr()
    assert host == "127.0.0.2"
    assert f"http://127.0.0.2:{port}/graphql" in printed.out
    assert printed.err.splitlines() == [
        "GATEWAY_REGION has no effect on the demo.",
        "GATEWAY_WORKERS has no effect on the demo.",
    ]


@pytest.mark.usefixtures("served")
def test_preset_is_announced(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says once what the preset has set and what it has not, and advises a manifest."""
    monkeypatch.setenv("GATEWAY_MAX_DEPTH", "15")
    options = ["--region", "eu-west-1", "--port", "0", "--introspection"]

    with caplog.at_level("INFO", logger="gateway"):
        main(["serve", *options, "--preset", "production"])

    found = {record.message: vars(record) for record in caplog.records}
    preset = found["gateway.preset"]
    assert preset["preset"] == "production"
    assert preset["overridden"] == "GATEWAY_INTROSPECTION=true GATEWAY_MAX_DEPTH=15"
    assert "GATEWAY_GRAPHIQL=false GATEWAY_SUGGESTIONS=false" in preset["set"]
    assert found["gateway.no_trusted_documents"]["setting"] == "GATEWAY_TRUSTED_DOCUMENTS"


def test_preset_does_not_waive_authentication(
    served: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    """With the preset, too, serving other machines without authentication must be asked for."""
    options = ["--region", "eu-west-1", "--port", "0", "--host", "0.0.0.0"]

    line = refusal(capsys, "serve", *options, "--preset", "production")
    assert "--allow-unauthenticated" in line
    assert served == []
    main(["serve", *options, "--preset", "production", "--allow-unauthenticated"])
    assert len(served) == 1
