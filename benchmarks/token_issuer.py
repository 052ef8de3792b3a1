"""An issuer of JSON Web Tokens on loopback: it signs tokens and serves its public key."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, Self

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

_AUDIENCE: Final = "benchmarks"
_KEY_ID: Final = "only"
_EXPIRY: Final = 4_000_000_000


class TokenIssuer:
    """An issuer of tokens that are signed by RS256, as most are, with the claims of most."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(65_537, 2_048)
        self._url = ""

    @classmethod
    @contextmanager
    def run(cls) -> Iterator[Self]:
        """Run an issuer that serves its key."""
        issuer = cls()
        jwk: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(
            issuer._key.public_key(), as_dict=True
        )
        keys = json.dumps({"keys": [{**jwk, "kid": _KEY_ID, "use": "sig"}]}).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(keys)

            def log_message(self, *args: object) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            issuer._url = f"http://127.0.0.1:{server.server_address[1]}"
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            try:
                yield issuer
            finally:
                server.shutdown()
                thread.join()

    def sign(self, subject: str) -> str:
        """Return a token for one caller, who may read every kind of resource."""
        claims = {
            "iss": self._url,
            "aud": _AUDIENCE,
            "sub": subject,
            "exp": _EXPIRY,
            "iat": 1_790_000_000,
            "jti": f"{hash(subject):032x}",
            "scope": "openid email read",
            "email": f"{subject}@example.com",
        }
        return jwt.encode(claims, self._key, "RS256", {"kid": _KEY_ID})

    def write_access_file(self, file: Path) -> None:
        """Write the access file of a gateway that takes the issuer's tokens."""
        file.write_text(
            f'[[issuers]]\nissuer = "{self._url}"\njwks_url = "{self._url}/keys"\n'
            f'audiences = ["{_AUDIENCE}"]\n'
        )
