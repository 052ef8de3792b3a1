"""Files of each package of the gateway, and the median of their lines."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.measure.sample import Sample
from benchmarks.run_context import RunContext

WITHOUT_TWIN: Final = "all but the twin"


def measure(context: RunContext) -> Iterator[Sample]:
    """Yield files and median lines of each package, for each checkout."""
    for checkout in context.checkouts:
        for package, lines in lines_by_package(checkout.folder / "gateway").items():
            yield Sample(
                workload="file-sizes",
                target=f"{checkout.prefix}{package}",
                repetition=0,
                files=len(lines),
                lines=median(lines),
            )


def lines_by_package(folder: Path) -> dict[str, list[int]]:
    """Return the number of lines of each module by top-level package, and of all but the twin.

    The modules directly in `folder` count as `top level`. `__init__.py` is left out.
    """
    packages: dict[str, list[int]] = defaultdict(list)
    for file in sorted(folder.rglob("*.py")):
        if file.name == "__init__.py":
            continue
        path = file.relative_to(folder)
        package = path.parts[0] if len(path.parts) > 1 else "top level"
        count = len(file.read_text().splitlines())
        packages[package].append(count)
        if package != "twin":
            packages[WITHOUT_TWIN].append(count)
    return {package: packages[package] for package in sorted(packages)}
