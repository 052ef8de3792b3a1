"""The media type and the coding of a response, chosen by `Accept` and `Accept-Encoding`.

Sources: https://graphql.github.io/graphql-over-http/draft/#sec-Media-Types and RFC 9110, 12.5.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple


class MediaType(Enum):
    """The media types that the gateway can send, the default first."""

    JSON = "application/json"
    GRAPHQL = "application/graphql-response+json"
    MULTIPART = "multipart/mixed"
    EVENT_STREAM = "text/event-stream"
    HTML = "text/html"


class Coding(Enum):
    """The codings that the gateway can compress with, the default first."""

    GZIP = "gzip"
    ZSTD = "zstd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The best media type for each kind of response; `None` when the client accepts none."""

    single: MediaType | None
    """For one GraphQL response."""
    stream: MediaType | None
    """For several responses in one body; the client has to name it, a wildcard is not enough."""
    stream_parameters: Mapping[str, str]
    """What the client wrote after that, such as `deferSpec`; names and values in lower case."""
    prefers_single: bool
    """Whether the client gives one response a higher weight than several."""
    html: bool
    """Whether the client prefers a web page."""


class _Item(NamedTuple):
    """One item of a list in a header, with its weight (RFC 9110, 12.4.2)."""

    value: str
    parameters: Mapping[str, str]
    weight: float


class _Range(NamedTuple):
    """The client's word on a media type; the greater one is preferred."""

    weight: float
    earliness: int
    parameters: Mapping[str, str]


# Where a client accepts both alike, the first one is chosen.
_SINGLE: Final = (MediaType.JSON, MediaType.GRAPHQL)
_STREAM: Final = (MediaType.EVENT_STREAM, MediaType.MULTIPART)

# A quoted string may hold separators. One without an end goes on to the end of the header.
_QUOTED: Final = r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)'
_ITEMS: Final = re.compile(rf'(?:[^,"]|{_QUOTED})+', re.DOTALL)
_PARAMETERS: Final = re.compile(rf'(?:[^;"]|{_QUOTED})+', re.DOTALL)
_WEIGHT: Final = re.compile(r"[01](\.\d*)?|\.\d+")


def negotiate(accept: bytes) -> Accepted:
    """Return the best media types by the `Accept` header; without one, everything is accepted."""
    ranges = _read_ranges(accept if accept.strip() else b"*/*")
    found = {media_type: _find_range(ranges, media_type.value) for media_type in MediaType}

    def choose(types: tuple[MediaType, ...]) -> MediaType | None:
        accepted = [each for each in types if found[each].weight > 0]
        return max(accepted, key=lambda each: found[each][:2], default=None)

    single = choose(_SINGLE)
    stream = choose(tuple(each for each in _STREAM if each.value in ranges))
    html = "text/html" in ranges and found[MediaType.HTML].weight > 0
    if html and single is not None and single.value in ranges:
        html = found[MediaType.HTML][:2] > found[single][:2]
    return Accepted(
        single=single,
        stream=stream,
        stream_parameters=found[stream].parameters if stream is not None else {},
        prefers_single=single is not None
        and stream is not None
        and found[single].weight > found[stream].weight,
        html=html,
    )


def choose_coding(accept_encoding: bytes) -> Coding | None:
    """Return the coding that a client prefers, `None` for a body as it is.

    With equal weights it is gzip: some clients announce zstd without being able to read it.
    """
    weights: dict[str, float] = {}
    for item in _read_list(accept_encoding):
        weights.setdefault(item.value.removeprefix("x-"), item.weight)
    others = weights.get("*", 0.0)
    best = max(Coding, key=lambda coding: weights.get(coding.value, others))
    weight = weights.get(best.value, others)
    return best if weight > 0 and weight >= weights.get("identity", 0.0) else None


def split_list(header: bytes) -> list[str]:
    """Return the items of a list (RFC 9110, 5.6.1); a comma in a quoted string separates none."""
    items = (text.strip() for text in _ITEMS.findall(header.decode("latin-1")))
    return [item for item in items if item]


def has_directive(cache_control: bytes, name: str) -> bool:
    """Tell whether `Cache-Control` has a directive, whatever its argument (RFC 9111, 5.2)."""
    directives = split_list(cache_control)
    return any(each.partition("=")[0].strip().lower() == name for each in directives)


def is_json(content_type: bytes) -> bool:
    """Tell whether a request body of this `Content-Type` is JSON in UTF-8."""
    items = list(_read_list(content_type))
    return (
        len(items) == 1
        and items[0].value == MediaType.JSON.value
        and _is_utf_8(items[0].parameters)
    )


def _find_range(ranges: Mapping[str, _Range], media_type: str) -> _Range:
    main_type = media_type.split("/", maxsplit=1)[0]
    for candidate in (media_type, f"{main_type}/*", "*/*"):
        if candidate in ranges:
            return ranges[candidate]
    return _Range(0.0, 0, {})


def _read_ranges(accept: bytes) -> dict[str, _Range]:
    ranges: dict[str, _Range] = {}
    for position, item in enumerate(_read_list(accept)):
        if not _is_utf_8(item.parameters):
            continue
        known = ranges.setdefault(item.value, _Range(item.weight, -position, item.parameters))
        # Some clients name a type once for each form of it that they read.
        ranges[item.value] = known._replace(parameters={**item.parameters, **known.parameters})
    return ranges


def _is_utf_8(parameters: Mapping[str, str]) -> bool:
    return parameters.get("charset", "utf-8") in {"utf-8", "utf8"}


def _read_list(header: bytes) -> Iterator[_Item]:
    for text in split_list(header.lower()):
        value, _, rest = text.partition(";")
        if value.strip():
            pairs = (part.partition("=") for part in _PARAMETERS.findall(rest))
            parameters = {name.strip(): each.strip("\"' \t") for name, _, each in pairs}
            yield _Item(value.strip(), parameters, _read_weight(parameters.pop("q", "1")))


def _read_weight(text: str) -> float:
    """Return a weight from 0 to 1; 0 for text that is no weight."""
    return min(float(text), 1.0) if _WEIGHT.fullmatch(text) else 0.0
