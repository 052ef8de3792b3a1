"""The lines that a siege prints."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from benchmarks.siege.run import Result

_MEGABYTE: Final = 1 << 20
_WIDTHS: Final = (22, 7, 7, 7, 6, 6, 6, 6)
_HEADS: Final = ("attack", "stall", "wall", "idle", "base", "peak", "limit", "s")
_SHOWN: Final = 4
"""Kinds of answers that a line shows."""

NOTES: Final = (
    "stall: longest wait of a neighbour for a cached answer, in ms, without the time in which\n"
    "other processes had the cores; wall: with it; idle: that of a gateway nobody attacked.\n"
    "base, peak, limit: memory of the gateway in MiB before the attack, at its most, and the most "
    "allowed; s: seconds that the attack took."
)


def head() -> str:
    """Return the line above the results."""
    return _line(_HEADS, "answers and figures")


def line(result: Result) -> str:
    """Return the line of a result, and one with the limits that it broke."""
    numbers = (
        result.stall.own,
        result.stall.elapsed,
        result.idle.elapsed,
        result.base / _MEGABYTE,
        result.peak / _MEGABYTE,
        result.memory_limit / _MEGABYTE,
        result.seconds,
    )
    text = _line((result.attack.key, *(f"{each:.0f}" for each in numbers)), _seen(result))
    broken = f"\n    BROKEN  {result.attack.title}: {', '.join(result.faults)}"
    return text + (broken if result.faults else "")


def verdict(results: Sequence[Result]) -> str:
    """Return the last line."""
    broken = [result.attack.key for result in results if result.faults]
    if not broken:
        return f"{len(results)} attacks, no limit broken."
    return f"{len(results)} attacks, {len(broken)} broke a limit: {', '.join(broken)}."


def _seen(result: Result) -> str:
    counts = Counter(answer.text for answer in result.outcome.answers)
    answers = [
        f"{count} x {text}" if count > 1 else text for text, count in counts.most_common(_SHOWN)
    ]
    if len(counts) > _SHOWN:
        answers.append(f"{len(counts) - _SHOWN} other kinds")
    size = max((answer.size for answer in result.outcome.answers), default=0)
    sizes = [f"{size / _MEGABYTE:.1f} MB"] if size > _MEGABYTE / 10 else []
    return "; ".join([*answers, *sizes, *result.outcome.figures])


def _line(cells: Sequence[str], rest: str) -> str:
    padded = [
        cell.ljust(width) if number == 0 else cell.rjust(width)
        for number, (cell, width) in enumerate(zip(cells, _WIDTHS, strict=True))
    ]
    return f"{''.join(padded)}  {rest}"
