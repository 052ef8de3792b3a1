"""API keys: how one is made, and how the callers of the access file are found by theirs.

A key has a prefix by which scanners for secrets find it, 256 random bits, and a checksum, so that
a scanner can tell a key from text that looks like one. GitHub's tokens have the same form.
"""

import binascii
import hashlib
import hmac
import secrets
import string
from collections.abc import Iterable
from typing import Final

from gateway.auth.access_file import ApiKey

PREFIX: Final = "smgw_"
_DIGITS: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM_DIGITS: Final = 43
_CHECKSUM_DIGITS: Final = 6


def create_key() -> str:
    """Return a new API key: `smgw_` and 49 letters and digits, the last 6 a checksum."""
    body = "".join(secrets.choice(_DIGITS) for _ in range(_RANDOM_DIGITS))
    return f"{PREFIX}{body}{_checksum(body)}"


def hash_key(key: bytes) -> str:
    """Return the hash of an API key as the access file holds it.

    A key is random and long, so that nobody can try all; a slow hash would add nothing.
    """
    return f"sha256:{hashlib.sha256(key).hexdigest()}"


def find_key(keys: Iterable[ApiKey], text: bytes) -> ApiKey | None:
    """Return the API key of the access file whose hash is that of `text`.

    The time it takes says nothing about the keys: each is compared, and each in constant time.
    """
    hashed = hash_key(text)
    found = None
    for key in keys:
        if hmac.compare_digest(key.hash, hashed):
            found = key
    return found


def _checksum(body: str) -> str:
    """Return the CRC-32 of a text in base 62."""
    number = binascii.crc32(body.encode())
    digits = ""
    for _ in range(_CHECKSUM_DIGITS):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits
