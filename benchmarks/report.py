"""The report: a table with a line for each target of each workload, then the goals."""

from collections.abc import Iterable, Mapping
from typing import Final

from benchmarks.goals import GOALS
from benchmarks.results import Results
from benchmarks.run_context import OTHER

_Rows = list[tuple[str, ...]]

_HEADS = (
    "",
    "server",
    "req/s",
    "of limit",
    "x strawberry",
    "p50 ms",
    "p99 ms",
    "busy",
    "waited",
    "cpu us",
    "cpu of limit",
)
_OTHER_HEADS = ("", "server", "ms", "AWS calls", "waited", "MB", "entries")
_FILE_HEADS = ("", "what", "files", "changes of file", "median lines")
_COMPARED: Final = {
    "capacity": "req/s of a whole core",
    "p50": "p50 ms",
    "p99": "p99 ms",
    "ms": "ms",
    "calls": "AWS calls",
    "megabytes": "MB",
    "files": "files",
    "file_changes": "changes of file",
    "lines": "median lines",
}
"""The figures that are compared with those of another checkout, and their names."""


def report(results: Results, titles: Mapping[str, str]) -> str:
    """Return the report of a run."""
    rates: _Rows = [_HEADS]
    others: _Rows = [_OTHER_HEADS]
    files: _Rows = [_FILE_HEADS]
    for workload in results.workloads():
        for number, target in enumerate(results.targets(workload)):
            title = f"{workload} {titles[workload]}" if number == 0 else ""
            if results.median(workload, target, "rate") is not None:
                rates.append((title, *_rate_cells(results, workload, target)))
            elif results.median(workload, target, "files") is not None:
                files.append((title, *_file_cells(results, workload, target)))
            else:
                others.append((title, *_other_cells(results, workload, target)))
    compared: _Rows = [("", "figure", "gateway", OTHER, "ratio"), *_compared_rows(results)]
    goals: _Rows = [("", "goal", "measured", "", ""), *_goal_rows(results)]
    tables = (rates, others, files, compared, goals)
    return "\n\n".join(_table(rows) for rows in tables if len(rows) > 1)


def _rate_cells(results: Results, workload: str, target: str) -> tuple[str, ...]:
    def of(other: str) -> str:
        return _number(results.ratio(workload, target, other), 2) if other != target else ""

    def capacity() -> str:
        return _number(results.ratio(workload, target, "limit", "capacity"), 2)

    def median(figure: str, digits: int) -> str:
        return _number(results.median(workload, target, figure), digits)

    return (
        target,
        median("rate", 0),
        of("limit"),
        of("strawberry"),
        median("p50", 2),
        median("p99", 2),
        median("busy", 2),
        median("waited", 2),
        median("cpu", 1),
        capacity() if target != "limit" else "",
    )


def _other_cells(results: Results, workload: str, target: str) -> tuple[str, ...]:
    return (
        target,
        _number(results.median(workload, target, "ms"), 1),
        _number(results.most(workload, target, "calls"), 0),
        _number(results.median(workload, target, "waited"), 2),
        _number(results.median(workload, target, "megabytes"), 0),
        _number(results.median(workload, target, "entries"), 0),
    )


def _file_cells(results: Results, workload: str, target: str) -> tuple[str, ...]:
    return (
        target,
        _number(results.median(workload, target, "files"), 0),
        _number(results.median(workload, target, "file_changes"), 0),
        _number(results.median(workload, target, "lines"), 1),
    )


def _compared_rows(results: Results) -> Iterable[tuple[str, ...]]:
    """Yield the figures that both checkouts have, the ratio taken within each repetition."""
    for workload in results.workloads():
        for target in results.targets(workload):
            other = OTHER if target == "gateway" else f"{OTHER}, {target}"
            for figure, name in _COMPARED.items():
                ratio = results.ratio(workload, target, other, figure)
                if ratio is not None:
                    what = name if target == "gateway" else f"{target}: {name}"
                    values = [results.median(workload, each, figure) for each in (target, other)]
                    yield workload, what, *(_significant(each) for each in values), f"{ratio:.2f}"


def _goal_rows(results: Results) -> Iterable[tuple[str, ...]]:
    for goal in GOALS:
        measured = goal.figure(results)
        if measured:
            verdict = "met" if goal.met(measured.value) else "NOT MET"
            yield goal.workload, goal.text, f"{measured.value:.3g}", verdict, measured.note


def _significant(value: float | None) -> str:
    """Return a number with three digits at least, and with all digits before the point."""
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 1_000 else f"{value:.3g}"


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def _table(rows: _Rows) -> str:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if number < 2 else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "-" * (sum(widths) + 2 * len(widths) - 2), *lines[1:]])
