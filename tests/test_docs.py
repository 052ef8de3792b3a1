"""The documentation says what the code says. `make docs` rewrites the tables of settings."""

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from pkgutil import resolve_name
from typing import Final, NamedTuple

import pytest

from gateway.cli import main
from gateway.errors import Code
from gateway.logs.background import DROPPED, UNREADABLE
from gateway.logs.repeats import EVENT
from gateway.settings import GROUPS, PRESETS, Settings, written_default

ROOT: Final = Path(__file__).parent.parent
SETTINGS: Final = ROOT / "docs" / "settings.md"
PAGES: Final = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
_TABLES_BEGIN: Final = "<!-- `make docs` writes what follows from gateway/settings. -->"
_HEAD: Final = ["| variable | default | meaning |", "|---|---|---|"]


def settings_tables() -> str:
    """Return the table of each group of settings, as they must stand in the documentation."""
    tables = []
    for group in GROUPS:
        rows = [
            f"| `GATEWAY_{name.upper()}` | {_values(name)} | {_cell(field.description)} |"
            for name, field in group.own_fields().items()
        ]
        tables.append("\n".join([f"## {group.title}", "", *_HEAD, *rows, ""]))
    return "\n".join(tables)


def _cell(text: str | None) -> str:
    return (text or "").replace("|", r"\|")


def _values(name: str) -> str:
    """Return the default of a setting, and what each preset gives in its place."""
    default = written_default(Settings.model_fields[name].default)
    others = [
        f", {preset}: `{written_default(values[name])}`"
        for preset, values in PRESETS.items()
        if written_default(values.get(name)) not in {None, default}
    ]
    return "".join(["-" if default is None else f"`{default}`", *others])


def table_rows(page: Path) -> list[str]:
    """Return the lines of the page that are rows of a table."""
    return [line for line in page.read_text().splitlines() if line.startswith("|")]


def write_settings_tables() -> None:
    """Put the tables in the place of those in the documentation."""
    introduction = SETTINGS.read_text().partition(_TABLES_BEGIN)[0]
    SETTINGS.write_text(f"{introduction}{_TABLES_BEGIN}\n\n{settings_tables()}")


def test_settings() -> None:
    """Each setting is in the documentation with its default and meaning, and nothing else is."""
    tables = SETTINGS.read_text().partition(_TABLES_BEGIN)[2]

    assert tables.strip() == settings_tables().strip(), "run `make docs`"
    assert tables.count("GATEWAY_") == len(Settings.model_fields)


def test_error_codes() -> None:
    """Each code is in the documentation, in the order of the code, and nothing else is."""
    rows = table_rows(ROOT / "docs" / "errors.md")[2:]

    assert [row.split("|")[1].strip(" `") for row in rows] == [code.value for code in Code]


class LogCall(NamedTuple):
    """A call of a logger: where it stands, and what it logs as far as the code says it there."""

    place: str
    event: str
    level: str
    facts: frozenset[str]


def log_calls() -> Iterator[LogCall]:
    """Yield each call of a logger in the package."""
    for path in sorted((ROOT / "gateway").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if ast.unparse(node.func.value) != "logger":
                continue
            extra = next((each.value for each in node.keywords if each.arg == "extra"), None)
            facts = extra.keys if isinstance(extra, ast.Dict) else []
            yield LogCall(
                f"{path.relative_to(ROOT)}:{node.lineno}",
                ", ".join(map(ast.unparse, node.args)).strip("'"),
                "error" if node.func.attr == "exception" else node.func.attr,
                frozenset(ast.unparse(key).strip("'") for key in facts if key is not None),
            )


def test_log_events() -> None:
    """Each event is in the documentation with its level and facts, and nothing else is."""
    rows = {
        (cells := [cell.strip() for cell in row.split("|")])[1].strip("`"): cells
        for row in table_rows(ROOT / "docs" / "logs.md")[2:]
    }
    calls = list(log_calls())

    assert [
        call
        for call in calls
        if not re.fullmatch(r"(gateway|twin)\.[a-z_]+", call.event)
        or call.event not in rows
        or call.level not in rows[call.event][2].split(", ")
        or not call.facts <= set(re.findall(r"`(\w+)`", rows[call.event][4]))
    ] == []
    of_the_log_itself = {EVENT, DROPPED, UNREADABLE}
    assert set(rows) == {call.event for call in calls} | of_the_log_itself


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links(page: Path) -> None:
    """Each link to a file leads to one, and each module that a page names exists."""
    text = page.read_text()
    links = (link.partition("#")[0] for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text))
    modules = re.findall(r"`((?:gateway|tests|benchmarks)/[\w/.-]+)`", text)

    for path in chain((page.parent / link for link in links), (ROOT / name for name in modules)):
        assert path.exists(), path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each command and setting that a page names exists."""
    text = page.read_text()
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"(?:`|^ +)make ([a-z]+)", text, re.MULTILINE))
    variables = set(re.findall(r"\bGATEWAY_[A-Z_]+", text))

    assert targets <= set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    assert variables <= {f"GATEWAY_{name.upper()}" for name in Settings.model_fields}
    for command in set(re.findall(r"sagemaker-gateway ([a-z][a-z-]*)", text)):
        with pytest.raises(SystemExit) as end:
            main([command, "--help"])
        assert end.value.code == 0, capsys.readouterr().err


def test_names_in_the_code() -> None:
    """Each name of the code that the page about execution gives is one of the gateway's."""
    text = (ROOT / "docs" / "execution.md").read_text()
    names = {
        name
        for name in re.findall(r"`([A-Za-z_]+(?:\.[A-Za-z_]+)+)`", text)
        if name.split(".")[0] not in {"asyncio", "extensions", "prepared"}
    }

    assert {name for name in names if not is_in_the_code(name)} == set()
    assert len(names) > 25


def is_in_the_code(name: str) -> bool:
    """Tell whether a dotted name is one of a package's below `gateway` or `gateway.execution`."""
    for package in ("gateway.execution", "gateway"):
        with suppress(ImportError, AttributeError):
            resolve_name(f"{package}.{name}")
            return True
    return False


def test_changelog() -> None:
    """The version of the package has its section in the changelog."""
    version = re.search(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)

    assert version
    assert f"\n## [{version[1]}]" in (ROOT / "CHANGELOG.md").read_text()


if __name__ == "__main__":
    write_settings_tables()
