"""The media type of a response, chosen by `Accept`.

Sources: https://graphql.github.io/graphql-over-http/draft/#sec-Media-Types and RFC 9110, 12.5.1.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final


class MediaType(Enum):
    """The media types that the gateway can send, the default first."""

    JSON = "application/json"
    GRAPHQL = "application/graphql-response+json"
    MULTIPART = "multipart/mixed"
    EVENT_STREAM = "text/event-stream"
    HTML = "text/html"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The best media type for each kind of response; `None` when the client accepts none."""

    single: MediaType | None
    """For one GraphQL response."""
    stream: MediaType | None
    """For several responses in one body; the client has to name it, a wildcard is not enough."""
    html: bool
    """Whether the client prefers a web page."""


# Where a client accepts both alike, the first one is chosen.
_SINGLE: Final = (MediaType.JSON, MediaType.GRAPHQL)
_STREAM: Final = (MediaType.EVENT_STREAM, MediaType.MULTIPART)


def negotiate(accept: bytes) -> Accepted:
    """Return the best media types by the `Accept` header; without one, everything is accepted."""
    ranges = _ranges(accept.decode("latin-1")) if accept.strip() else {"*/*": (1.0, 0)}
    qualities = {media_type: _quality(ranges, media_type.value) for media_type in MediaType}

    def best(types: tuple[MediaType, ...]) -> MediaType | None:
        accepted = [each for each in types if qualities[each][0] > 0]
        return max(accepted, key=lambda each: qualities[each], default=None)

    named = tuple(each for each in _STREAM if each.value in ranges)
    single = best(_SINGLE)
    html = "text/html" in ranges and qualities[MediaType.HTML][0] > 0
    if html and single is not None and single.value in ranges:
        html = qualities[MediaType.HTML] > qualities[single]
    return Accepted(single, best(named), html)


def _quality(ranges: dict[str, tuple[float, int]], media_type: str) -> tuple[float, int]:
    """Return the client's weight for a type, and a number that is higher the earlier it stands."""
    main_type = media_type.split("/", maxsplit=1)[0]
    for candidate in (media_type, f"{main_type}/*", "*/*"):
        if candidate in ranges:
            return ranges[candidate]
    return 0.0, 0


def _ranges(accept: str) -> dict[str, tuple[float, int]]:
    ranges: dict[str, tuple[float, int]] = {}
    for position, item in enumerate(accept.split(",")):
        media_range, *parameters = (part.strip().lower() for part in item.split(";"))
        if media_range and _is_utf_8(parameters):
            ranges.setdefault(media_range, (_weight(parameters), -position))
    return ranges


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


def _is_utf_8(parameters: list[str]) -> bool:
    given = dict(parameter.partition("=")[::2] for parameter in parameters)
    return given.get("charset", "utf-8").strip("\"' ") in {"utf-8", "utf8"}


def is_json(content_type: bytes) -> bool:
    """Tell whether a request body of this `Content-Type` is JSON in UTF-8."""
    media_type, *parameters = (
        part.strip().lower() for part in content_type.decode("latin-1").split(";")
    )
    return media_type == MediaType.JSON.value and _is_utf_8(parameters)
