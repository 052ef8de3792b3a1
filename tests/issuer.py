"""An issuer of tokens on loopback, whose keys a test can change, and which can fail."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

AUDIENCE: Final = "gateway"

Private = (
    rsa.RSAPrivateKey
    | ec.EllipticCurvePrivateKey
    | ed25519.Ed25519PrivateKey
    | ed448.Ed448PrivateKey
)
_ALGORITHMS: Final[Mapping[str, Any]] = {
    "RS": jwt.algorithms.RSAAlgorithm,
    "PS": jwt.algorithms.RSAAlgorithm,
    "ES": jwt.algorithms.ECAlgorithm,
    "Ed": jwt.algorithms.OKPAlgorithm,
}
RSA_KEY: Final = rsa.generate_private_key(65_537, 2_048)
EC_KEY: Final = ec.generate_private_key(ec.SECP256R1())


def jwk_of(key: Private, id_: str | None, algorithm: str, **members: Any) -> dict[str, Any]:
    """Return the public half of a key as a JSON Web Key."""
    jwk: dict[str, Any] = _ALGORITHMS[algorithm[:2]].to_jwk(key.public_key(), as_dict=True)
    jwk.pop("key_ops", None)
    return {**jwk, **({"kid": id_} if id_ is not None else {}), "use": "sig", **members}


def pem_of(key: Private) -> bytes:
    """Return the public half of a key as PEM."""
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def issuer_section(issuer: "LocalIssuer", *lines: str) -> str:
    """Return the section of an access file for an issuer, with these lines in it."""
    usual = [f'issuer = "{issuer.url}"', f'audiences = ["{AUDIENCE}"]', 'scopes = ["read"]']
    return "\n".join(["[[issuers]]", *usual, *lines, ""])


class LocalIssuer:
    """An issuer that signs tokens and serves its keys at a port of loopback."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.keys: dict[str, tuple[Private, str]] = {"first": (EC_KEY, "ES256")}
        """The keys that it publishes, with their algorithms."""
        self.answers: dict[str, Callable[[], tuple[int, Mapping[str, str], bytes]]] = {}
        """What it answers at a path, in the place of its own answer."""
        self.is_down = False
        self.requests: list[str] = []
        """The paths that were asked for."""

    def sign(
        self,
        key: str = "first",
        /,
        *,
        algorithm: str | None = None,
        headers: Mapping[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """Return a token with these claims besides the usual ones; `None` leaves one out."""
        private, own = self.keys[key]
        usual = {"iss": self.url, "aud": AUDIENCE, "sub": "ada", "exp": 4_000_000_000}
        payload = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        all_headers = {"kid": key, **(headers or {})}
        return jwt.encode(payload, private, algorithm or own, all_headers)

    def answer(self, path: str) -> tuple[int, Mapping[str, str], bytes]:
        """Return status, headers and body for a path."""
        self.requests.append(path)
        if self.is_down:
            return 503, {}, b"down"
        if path in self.answers:
            return self.answers[path]()
        if path == "/.well-known/openid-configuration":
            document = {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
            return 200, {}, json.dumps(document).encode()
        if path == "/keys":
            return 200, {}, self.key_set()
        return 404, {}, b""

    def key_set(self) -> bytes:
        """Return the keys that it publishes."""
        keys = [jwk_of(key, id_, algorithm) for id_, (key, algorithm) in self.keys.items()]
        return json.dumps({"keys": keys}).encode()


@contextmanager
def local_issuer() -> Iterator[LocalIssuer]:
    """Run an issuer."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, headers, body = issuer.answer(self.path)
            self.send_response(status)
            for name, value in {"content-length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *args: object) -> None:
            """Print nothing: gateways that end do not wait for answers."""

    with Server(("127.0.0.1", 0), Handler) as server:
        issuer = LocalIssuer(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="issuer")
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()
