"""The report: a table with a line for each target of each workload, then the goals."""

from collections.abc import Iterable, Mapping

from benchmarks.goals import GOALS
from benchmarks.results import Results

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


def report(results: Results, titles: Mapping[str, str]) -> str:
    """Return the report of a run."""
    rates: _Rows = [_HEADS]
    others: _Rows = [_OTHER_HEADS]
    for workload in results.workloads():
        for number, target in enumerate(results.targets(workload)):
            title = f"{workload} {titles[workload]}" if number == 0 else ""
            if results.median(workload, target, "rate") is None:
                others.append((title, *_other_cells(results, workload, target)))
            else:
                rates.append((title, *_rate_cells(results, workload, target)))
    goals: _Rows = [("", "goal", "measured", "", ""), *_goal_rows(results)]
    tables = (rates, others, goals)
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


def _goal_rows(results: Results) -> Iterable[tuple[str, ...]]:
    for goal in GOALS:
        measured = goal.figure(results)
        if measured:
            verdict = "met" if goal.met(measured.value) else "NOT MET"
            yield goal.workload, goal.text, f"{measured.value:.3g}", verdict, measured.note


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
