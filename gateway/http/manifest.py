"""Reads the manifest of trusted documents, as Relay's compiler or Apollo's tools write it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from gateway.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Manifest:
    """The documents that are trusted."""

    texts: Mapping[str, str]
    """By their ids, and by their SHA-256 in hexadecimal."""
    all_texts: frozenset[str]


def hash_text(text: str) -> str:
    """Return the SHA-256 of a text in hexadecimal, by which Apollo's protocol names it."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _create_manifest(texts: Mapping[str, str]) -> Manifest:
    by_hash = {hash_text(text): text for text in texts.values()}
    return Manifest({**by_hash, **texts}, frozenset(texts.values()))


NO_MANIFEST: Final = _create_manifest({})


def read_manifest(path: Path) -> Manifest:
    """Return the documents of the manifest at a path.

    Relay's is an object of texts by id, Apollo's has `operations` with `id` and `body`. Raises
    `ConfigurationError` for anything else, and when the file cannot be read.
    """
    try:
        content = orjson.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"GATEWAY_TRUSTED_DOCUMENTS: {path}: {error}") from error
    texts = _texts_in(content)
    if not texts:
        raise ConfigurationError(
            f"GATEWAY_TRUSTED_DOCUMENTS: {path} is not a manifest as Relay or Apollo writes it."
        )
    return _create_manifest(texts)


def _texts_in(content: Any) -> Mapping[str, str] | None:
    """Return the texts by id, `None` for what is no manifest."""
    if not isinstance(content, dict):
        return None
    operations = content.get("operations")
    if not isinstance(operations, list):
        return content if all(isinstance(text, str) for text in content.values()) else None
    texts = {item["id"]: item["body"] for item in operations if _is_item(item)}
    return texts if len(texts) == len(operations) else None


def _is_item(item: object) -> bool:
    return isinstance(item, dict) and all(isinstance(item.get(key), str) for key in ("id", "body"))
