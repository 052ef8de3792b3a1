"""How arguments become settings, and how a wrong one is refused in one line."""

import argparse
import re

import pytest

from gateway.cli import main
from gateway.cli.main import _parser
from gateway.settings import GROUPS, Settings

from .commands import refusal


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
    """A value that makes no sense is refused by the option, its variable and the value."""
    line = refusal(capsys, "serve", f"{option}={value}")

    assert line.startswith(f"{option} (GATEWAY_{option[2:].replace('-', '_').upper()}): ")
    assert repr(value) in line


def test_bad_values_are_said_together(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever has two settings wrong learns of both, in one line."""
    monkeypatch.setenv("GATEWAY_PORT", "x")
    monkeypatch.setenv("GATEWAY_MAX_DEPTH", "0")

    line = refusal(capsys, "serve")

    assert "GATEWAY_PORT" in line
    assert "GATEWAY_MAX_DEPTH" in line


def test_help_has_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    """The help of a setting has its variable and its default."""
    with pytest.raises(SystemExit):
        main(["serve", "--help"])

    text = " ".join(capsys.readouterr().out.split())
    assert "this port; 0 takes a free one. [GATEWAY_PORT, default 8000]" in text
    assert "before AWS is asked again. [GATEWAY_FRESH_RUNNING, default 5]" in text
    assert "AWS's configuration files. [GATEWAY_PROFILE]" in text


def test_every_help_is_a_sentence() -> None:
    """The help of a command or an option begins with a capital and ends with a full stop."""
    parsers: list[argparse.ArgumentParser] = [_parser()]
    helps = []
    for parser in parsers:
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                parsers += action.choices.values()
                helps += [each.help for each in action._choices_actions]
            else:
                helps.append(action.help)

    assert len(helps) > len(Settings.model_fields) + 10
    assert not [each for each in helps if not re.fullmatch(r"[A-Z].*\.( \[.*\])?", each or "")]


def test_help_lists_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    """The help of `serve` has each setting with its variable and its description."""
    with pytest.raises(SystemExit):
        main(["serve", "--help"])

    text = " ".join(capsys.readouterr().out.split())
    for name, field in Settings.model_fields.items():
        assert f"--{name.replace('_', '-')}" in text
        assert f"GATEWAY_{name.upper()}" in text.replace("- ", "-")
        assert " ".join((field.description or "").split())[:60] in text.replace("- ", "-")
    assert all(f"{group.title}:" in text for group in GROUPS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["serve", "--wokers", "4"], "There is no option --wokers; did you mean --workers? Try"),
        (["serve", "--wokers=4"], "There is no option --wokers; did you mean --workers?"),
        (["serve", "--work", "4"], "There is no option --work; did you mean --workers?"),
        (["serve", "--xyzzy"], "There is no option --xyzzy."),
        (["serve", "extra"], "Unexpected argument 'extra'"),
        (["demo", "--twinport", "1"], "There is no option --twinport; did you mean --twin-port?"),
        (["twin", "--port", "1"], "There is no option --port"),
        (["schema", "--jobs"], "There is no option --jobs."),
        (["serve", "--port"], "argument --port: expected one argument"),
        (["demo", "--jobs", "x"], "argument --jobs: invalid int value: 'x'"),
        (["sevre"], "invalid choice: 'sevre'"),
    ],
)
def test_wrong_argument(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    """An argument that is none is refused in one line, with the nearest that is one."""
    assert message in refusal(capsys, *arguments)


def test_option_given_twice(capsys: pytest.CaptureFixture[str]) -> None:
    """Of an option given twice one value would have no effect, so neither has."""
    line = refusal(capsys, "serve", "--regions", "eu-west-1", "--regions", "us-east-1")

    assert "argument --regions: give the option once" in line
