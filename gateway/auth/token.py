"""JSON Web Tokens: what one says of itself, and whether its issuer signed it for this gateway."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from jwt import PyJWS, PyJWTError

from gateway.auth.access_file import ALGORITHMS, Issuer
from gateway.auth.claims import claim_of
from gateway.auth.errors import Unauthenticated
from gateway.auth.jwk import SigningKey

MAX_TOKEN_BYTES: Final = 16_384

_JWS: Final = PyJWS(
    algorithms=sorted(ALGORITHMS),
    options={"verify_signature": True, "enforce_minimum_key_length": True},
)
_MAX_SCOPES: Final = 200
_SCOPES_CLAIMS: Final = ("scope", "scp")


@dataclass(frozen=True, slots=True)
class Token:
    """A token before its signature is checked. Nothing in it can be trusted yet."""

    text: bytes
    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    @property
    def algorithm(self) -> str:
        """The algorithm that it says it is signed with."""
        return str(self.header.get("alg"))

    @property
    def key_id(self) -> str | None:
        """The id of the key that it says it is signed with."""
        id_: str | None = self.header.get("kid")
        return id_


def parse_token(text: bytes) -> Token:
    """Return a token in the compact form of RFC 7515. Raises `Unauthenticated`."""
    if len(text) > MAX_TOKEN_BYTES:
        raise Unauthenticated("too_long")
    try:
        parts = _JWS.decode_complete(text, options={"verify_signature": False})
        claims = orjson.loads(parts["payload"])
    except (PyJWTError, orjson.JSONDecodeError) as error:
        raise Unauthenticated("malformed") from error
    # The gateway knows no extension that a token could depend on.
    if not isinstance(claims, dict) or "crit" in parts["header"] or "b64" in parts["header"]:
        raise Unauthenticated("malformed")
    return Token(text, parts["header"], claims)


def check_form(token: Token, issuer: Issuer, now: float) -> None:
    """Check everything of a token but its signature. Raises `Unauthenticated`.

    `now` is the time in seconds since 1970.
    """
    if token.algorithm not in issuer.algorithms:
        raise Unauthenticated("algorithm")
    if b"=" in token.text and not issuer.padded:
        raise Unauthenticated("malformed")
    if issuer.signer is not None and token.header.get("signer") != issuer.signer:
        raise Unauthenticated("signer")
    if not is_for(token, issuer):
        raise Unauthenticated("audience")
    if now >= expiry_of(token) + issuer.clock_skew_seconds:
        raise Unauthenticated("expired")
    begins = token.claims.get("nbf", 0)
    if not _is_time(begins) or now < begins - issuer.clock_skew_seconds:
        raise Unauthenticated("not_yet_valid")


def check_signature(token: Token, key: SigningKey) -> None:
    """Check that the owner of a key has signed a token. Raises `Unauthenticated`."""
    if token.algorithm not in key.algorithms:
        raise Unauthenticated("algorithm")
    try:
        _JWS.decode_complete(token.text, key.public, algorithms=[token.algorithm])
    except PyJWTError as error:
        raise Unauthenticated("signature") from error


def is_for(token: Token, issuer: Issuer) -> bool:
    """Tell whether the token is for this gateway."""
    if not issuer.audiences:
        return True
    # A load balancer's token has the id of the client in its header.
    holder = token.header if issuer.signer is not None else token.claims
    name = "client" if issuer.signer is not None else issuer.audience_claim
    return not issuer.audiences.isdisjoint(_texts(holder.get(name)))


def expiry_of(token: Token) -> float:
    """Return when the token expires, in seconds since 1970. Raises `Unauthenticated`."""
    expiry = token.claims.get("exp")
    if not _is_time(expiry):
        raise Unauthenticated("no_expiry")
    assert isinstance(expiry, int | float)
    return expiry


def subject_of(token: Token, issuer: Issuer) -> str:
    """Return the name of the caller. Raises `Unauthenticated` when the token has none."""
    subject = token.claims.get(issuer.subject_claim)
    if not isinstance(subject, str) or not 0 < len(subject) <= 1_000:  # noqa: PLR2004
        raise Unauthenticated("no_subject")
    return subject


def scopes_of(token: Token, issuer: Issuer) -> frozenset[str]:
    """Return the scopes that the token and the access file give to the caller."""
    names = (issuer.scopes_claim,) if issuer.scopes_claim is not None else _SCOPES_CLAIMS
    found = [word for name in names for word in _words(claim_of(token.claims, name))]
    mapped = [scope for word in found for scope in issuer.scope_map.get(word, (word,))]
    return issuer.scopes | frozenset(mapped[:_MAX_SCOPES])


def _words(value: object) -> Iterable[str]:
    """Return the items of a list of texts, or the words of a text (RFC 6749, 3.3)."""
    return value.split() if isinstance(value, str) else _texts(value)


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
