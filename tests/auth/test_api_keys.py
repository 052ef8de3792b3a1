"""API keys: their form, their hashes and the search for the right one."""

import re
import string

from gateway.auth.access_file import ApiKey
from gateway.auth.api_keys import create_key, find_key, hash_key

DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase


def test_form_of_a_key() -> None:
    """A key has the prefix that scanners look for, and no two are the same."""
    keys = {create_key() for _ in range(1_000)}

    assert len(keys) == 1_000
    assert all(re.fullmatch(r"smgw_[0-9A-Za-z]{49}", key) for key in keys)


def test_letters_of_keys_are_even() -> None:
    """Each letter and digit is about as frequent as each other."""
    letters = "".join(create_key()[5:48] for _ in range(2_000))
    expected = len(letters) / len(DIGITS)

    assert all(0.8 < letters.count(digit) / expected < 1.2 for digit in DIGITS)


def test_checksum() -> None:
    """The last six characters are the CRC-32 of the others in base 62, as in GitHub's tokens."""
    from binascii import crc32

    body, checksum = (key := create_key())[5:48], key[48:]
    number = sum(DIGITS.index(digit) * 62**place for place, digit in enumerate(checksum[::-1]))

    assert number == crc32(body.encode())


def test_key_is_found_by_its_hash() -> None:
    """The entry with the hash of a key is found, whatever its place; no other text finds one."""
    keys = [create_key() for _ in range(5)]
    entries = [
        ApiKey(name=f"key {number}", hash=hash_key(key.encode())) for number, key in enumerate(keys)
    ]

    for key, entry in zip(keys, entries, strict=True):
        assert find_key(entries, key.encode()) is entry
        assert find_key(entries, entry.hash.encode()) is None
    assert find_key(entries, create_key().encode()) is None
    assert find_key(entries, b"") is None
    assert find_key(entries, b"\xff") is None
