"""The documentation says what the code says. `make docs` rewrites the table of settings."""

import re
from itertools import chain
from pathlib import Path
from typing import Final

import pytest

from gateway.errors import Code
from gateway.settings import Settings

ROOT: Final = Path(__file__).parent.parent
SETTINGS: Final = ROOT / "docs" / "settings.md"
PAGES: Final = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
_HEAD: Final = ["| variable | default | meaning |", "|---|---|---|"]


def settings_table() -> list[str]:
    """Return the table of settings, as it must stand in the documentation."""
    rows = [
        f"| `GATEWAY_{name.upper()}` | {_default(field.default)} | {_cell(field.description)} |"
        for name, field in Settings.model_fields.items()
    ]
    return [*_HEAD, *rows]


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


def write_settings_table() -> None:
    """Put the table in the place of the one in the documentation."""
    text = re.sub(r"^\|.*\n", "", SETTINGS.read_text(), flags=re.MULTILINE)
    SETTINGS.write_text("\n".join([text.rstrip("\n"), "", *settings_table(), ""]))


def test_settings() -> None:
    """Each setting is in the documentation with its default and meaning, and nothing else is."""
    assert table_rows(SETTINGS) == settings_table(), "run `make docs`"


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
    write_settings_table()
