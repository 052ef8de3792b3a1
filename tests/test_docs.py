"""The documentation says what the code says. `make docs` rewrites the tables of settings."""

import re
from itertools import chain
from pathlib import Path
from typing import Final

import pytest

from gateway.errors import Code
from gateway.settings import GROUPS, Settings

ROOT: Final = Path(__file__).parent.parent
SETTINGS: Final = ROOT / "docs" / "settings.md"
PAGES: Final = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
_TABLES_BEGIN: Final = "<!-- `make docs` writes what follows from gateway/settings/groups.py. -->"
_HEAD: Final = ["| variable | default | meaning |", "|---|---|---|"]


def settings_tables() -> str:
    """Return the table of each group of settings, as they must stand in the documentation."""
    tables = []
    for group in GROUPS:
        rows = [
            f"| `GATEWAY_{name.upper()}` | {_default(field.default)} | {_cell(field.description)} |"
            for name, field in group.own_fields().items()
        ]
        tables.append("\n".join([f"## {group.title}", "", *_HEAD, *rows, ""]))
    return "\n".join(tables)


def _cell(text: str | None) -> str:
    return (text or "").replace("|", r"\|")


def _default(value: object) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if value is None or value == frozenset():
        return "-"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links(page: Path) -> None:
    """Each link to a file leads to one, and each module that a page names exists."""
    text = page.read_text()
    links = (link.partition("#")[0] for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text))
    modules = re.findall(r"`((?:gateway|tests|benchmarks)/[\w/.-]+)`", text)

    for path in chain((page.parent / link for link in links), (ROOT / name for name in modules)):
        assert path.exists(), path


def test_changelog() -> None:
    """The version of the package has its section in the changelog."""
    version = re.search(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)

    assert version
    assert f"\n## [{version[1]}]" in (ROOT / "CHANGELOG.md").read_text()


if __name__ == "__main__":
    write_settings_tables()
