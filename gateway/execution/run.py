"""Fill a template from cached entries, and fetch in waves what is not cached."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.aws.entry import Entry
from gateway.aws.reader import Reader, ResourceKey
from gateway.execution.fragment import Hole, Path, Refusal, Template, size_of
from gateway.execution.render import Renderer

# What one selection too many costs an entry is its oldest fragment, not its memory.
_MOST_FRAGMENTS = 64


class FieldError(NamedTuple):
    """An error at a place of the response."""

    error: Exception
    path: Path
    types: tuple[str, ...]
    """The types of the resources that the path leads through, the outermost first."""


@dataclass(slots=True)
class Pass:
    """What one try to fill a template from what is at hand came to."""

    chunks: list[bytes] = field(default_factory=list)
    missing: list[ResourceKey] = field(default_factory=list)
    errors: list[FieldError] = field(default_factory=list)
    stale: dict[str, Entry] = field(default_factory=dict)
    """Entries that AWS failed to renew, by ARN."""


class Runner:
    """Fills templates through one reader. `clock` is the cache's and returns seconds."""

    def __init__(self, reader: Reader, clock: Callable[[], float]) -> None:
        self._reader = reader
        self._renderer = Renderer(reader)
        self._clock = clock

    def try_now(self, template: Template) -> Pass:
        """Fill a template from the cache alone. Must be called in the event loop."""
        return self._try(template, {}, {})

    async def run(self, template: Template, first: Pass) -> Pass:
        """Fetch what the `first` pass missed, and what is found missing then, until all is there.

        Each resource is read once, so that one response shows one state of it.
        """
        held: dict[ResourceKey, Entry] = {}
        failed: dict[ResourceKey, Exception] = {}
        attempt = first
        while attempt.missing:
            await self._fetch(attempt.missing, held, failed)
            attempt = self._try(template, held, failed)
        return attempt

    async def _fetch(
        self,
        keys: list[ResourceKey],
        held: dict[ResourceKey, Entry],
        failed: dict[ResourceKey, Exception],
    ) -> None:
        wave = list(dict.fromkeys(keys))
        results = await asyncio.gather(*map(self._reader.read, wave), return_exceptions=True)
        for key, result in zip(wave, results, strict=True):
            if isinstance(result, Entry):
                held[key] = result
            elif isinstance(result, Exception):
                failed[key] = result
            else:
                raise result

    def _try(
        self,
        template: Template,
        held: dict[ResourceKey, Entry],
        failed: dict[ResourceKey, Exception],
    ) -> Pass:
        attempt = Pass()
        _Filling(self._reader, self._renderer, held, failed, self._clock(), attempt).fill(
            template, (), ()
        )
        return attempt


class _Filling:
    __slots__ = ("attempt", "failed", "held", "now", "reader", "renderer")

    def __init__(
        self,
        reader: Reader,
        renderer: Renderer,
        held: dict[ResourceKey, Entry],
        failed: dict[ResourceKey, Exception],
        now: float,
        attempt: Pass,
    ) -> None:
        self.reader = reader
        self.renderer = renderer
        self.held = held
        self.failed = failed
        self.now = now
        self.attempt = attempt

    def fill(self, template: Template, path: Path, types: tuple[str, ...]) -> None:
        """Append the template's bytes, holes filled, to the pass."""
        append = self.attempt.chunks.append
        for chunk, hole in zip(template.chunks, template.holes, strict=False):
            append(chunk)
            if isinstance(hole, Refusal):
                self._fail(hole.error, path + hole.path, types)
                continue
            entry = self._entry(hole.key)
            if entry is None:
                self._miss(hole, path, types)
            elif entry.value is None or not (hole.arn is None or entry.is_of(hole.arn)):
                append(b"null")
            else:
                fragment = entry.fragments.get(hole.selection) or self._render(hole, entry)
                if isinstance(fragment, bytes):
                    append(fragment)
                else:
                    type_name = hole.key.resource.type_name
                    self.fill(fragment, path + hole.path, (*types, type_name))
        append(template.chunks[-1])

    def _entry(self, key: ResourceKey) -> Entry | None:
        entry = (self.held and self.held.get(key)) or self.reader.peek(key, self.now)
        if entry is not None and entry.failure is not None:
            self.attempt.stale[entry.arn] = entry
        return entry

    def _miss(self, hole: Hole, path: Path, types: tuple[str, ...]) -> None:
        if hole.key in self.failed:
            self._fail(self.failed[hole.key], path + hole.path, types)
        else:
            self.attempt.missing.append(hole.key)

    def _render(self, hole: Hole, entry: Entry) -> bytes | Template:
        fragment = self.renderer.render(entry.value, hole.selection)
        if len(entry.fragments) >= _MOST_FRAGMENTS:
            oldest = next(iter(entry.fragments))
            self.reader.keep_fragment(hole.key, entry, -size_of(entry.fragments.pop(oldest)))
        entry.fragments[hole.selection] = fragment
        self.reader.keep_fragment(hole.key, entry, size_of(fragment))
        return fragment

    def _fail(self, error: Exception, path: Path, types: tuple[str, ...]) -> None:
        self.attempt.chunks.append(b"null")
        self.attempt.errors.append(FieldError(error, path, types))
