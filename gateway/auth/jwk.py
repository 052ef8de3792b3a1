"""Public keys of issuers: which of a set can have signed a token."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import orjson
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt import PyJWTError
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey | Ed448PublicKey

_RSA: Final = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
_CURVES: Final = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
_RSA_BITS: Final = range(2_048, 8_193)
"""Shorter keys can be broken, and with longer ones a check takes too long."""
_MAX_KEYS: Final = 100
_FROM_JWK: Final = {
    "RSA": RSAAlgorithm.from_jwk,
    "EC": ECAlgorithm.from_jwk,
    "OKP": OKPAlgorithm.from_jwk,
}


class InvalidKeys(Exception):
    """An issuer's answer holds no key that the gateway can use."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A public key and the algorithms that it is for."""

    id: str | None
    algorithms: frozenset[str]
    public: PublicKey


class KeySet:
    """The keys of an issuer at one time."""

    def __init__(self, keys: Iterable[SigningKey]) -> None:
        self._keys = tuple(keys)

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, id_: str | None, algorithm: str) -> SigningKey | None:
        """Return the key that a token names; a token that names none needs a set with one."""
        keys = [key for key in self._keys if algorithm in key.algorithms]
        if id_ is not None:
            return next((key for key in keys if key.id == id_), None)
        return keys[0] if len(keys) == 1 else None

    def has(self, id_: str | None) -> bool:
        """Tell whether there is a key with this id, whatever it is for."""
        return any(key.id == id_ for key in self._keys)


def parse_jwks(text: bytes) -> KeySet:
    """Return the keys in a JSON Web Key Set (RFC 7517) that can check a signature.

    Keys for other uses, of other types, private ones and those that make no sense are left out.
    Raises `InvalidKeys` when none remains.
    """
    try:
        items = orjson.loads(text)["keys"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise InvalidKeys("the answer is not a JSON Web Key Set") from error
    if not isinstance(items, list) or len(items) > _MAX_KEYS:
        raise InvalidKeys(f"the answer has no list of at most {_MAX_KEYS} keys")
    keys = [key for item in items if isinstance(item, dict) and (key := _parse_jwk(item))]
    if not keys:
        raise InvalidKeys("the answer has no key that checks signatures")
    return KeySet(keys)


def parse_pem(id_: str, text: bytes) -> SigningKey:
    """Return the key in a PEM text. Raises `InvalidKeys`."""
    try:
        public = load_pem_public_key(text)
    except ValueError as error:
        raise InvalidKeys("the answer is not a public key as PEM") from error
    algorithms = _algorithms_of(public)
    if not algorithms:
        raise InvalidKeys("the key is of a type that the gateway does not use")
    return SigningKey(id_, algorithms, cast("PublicKey", public))


def _parse_jwk(jwk: Mapping[str, Any]) -> SigningKey | None:
    from_jwk: Any = _FROM_JWK.get(str(jwk.get("kty")))
    operations = jwk.get("key_ops", ["verify"])
    id_ = jwk.get("kid")
    if from_jwk is None or "d" in jwk or jwk.get("use", "sig") != "sig":
        return None
    if not isinstance(operations, list) or "verify" not in operations:
        return None
    if id_ is not None and not isinstance(id_, str):
        return None
    try:
        public = from_jwk(dict(jwk))
    except (PyJWTError, ValueError, TypeError, AttributeError):
        return None
    algorithms = _algorithms_of(public)
    named = jwk.get("alg")
    if named is not None:
        algorithms = algorithms & {named} if isinstance(named, str) else frozenset()
    return SigningKey(id_, algorithms, public) if algorithms else None


def _algorithms_of(public: object) -> frozenset[str]:
    """Return the algorithms that a key can be for: so its type always matches."""
    if isinstance(public, RSAPublicKey):
        return _RSA if public.key_size in _RSA_BITS else frozenset()
    if isinstance(public, EllipticCurvePublicKey):
        return frozenset({_CURVES[public.curve.name]} if public.curve.name in _CURVES else ())
    if isinstance(public, Ed25519PublicKey | Ed448PublicKey):
        return frozenset({"EdDSA"})
    return frozenset()
