"""Who may send requests over HTTP: tokens of issuers, API keys, and everybody else."""

import json
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

from gateway.auth.api_keys import create_key, hash_key
from gateway.auth.token import MAX_TOKEN_BYTES
from tests.clocks import NOW, until, until_true
from tests.conftest import StartGateway
from tests.gateway_under_test import Gateway
from tests.graphql_responses import assert_canonical_error
from tests.issuer import EC_KEY, RSA_KEY, LocalIssuer, Private, issuer_section, jwk_of, pem_of

pytestmark = pytest.mark.anyio

QUERY = {"query": "{ __typename }"}
MISSING = 'Bearer realm="sagemaker-gateway"'
INVALID = f'{MISSING}, error="invalid_token"'


async def ask(gateway: Gateway, token: str | None = None, **headers: str) -> httpx.Response:
    """Return the response to a query with a bearer token and more headers."""
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    return await gateway.http.post("/graphql", json=QUERY, headers=headers)


async def assert_accepted(gateway: Gateway, token: str | None = None, **headers: str) -> None:
    """Fail unless the query of a caller is answered."""
    response = await ask(gateway, token, **headers)
    assert (response.status_code, response.json()) == (200, {"data": {"__typename": "Query"}})


async def assert_refused(
    gateway: Gateway, token: str | None = None, challenge: str = INVALID, **headers: str
) -> None:
    """Fail unless a caller is refused, with no word about the reason."""
    response = await ask(gateway, token, **headers)
    assert response.status_code == 401, response.text
    assert response.headers["www-authenticate"] == challenge
    assert response.headers["cache-control"] == "no-store"
    (error,) = response.json()["errors"]
    assert_canonical_error(error)
    assert error["extensions"] == {"code": "UNAUTHENTICATED"}
    expected = "Send a token" if challenge == MISSING else "The token or the API key is not valid."
    assert error["message"].startswith(expected)


@pytest.mark.servers("mounted", "minimal")
async def test_token_of_an_issuer(start_guarded: StartGateway, issuer: LocalIssuer) -> None:
    """A token that a known issuer signed for the gateway is accepted, nothing else is."""
    gateway = await start_guarded(issuer_section(issuer))

    await assert_accepted(gateway, issuer.sign())
    await assert_refused(gateway, challenge=MISSING)
    await assert_refused(gateway, "token")
    assert set(issuer.requests) == {"/.well-known/openid-configuration", "/keys"}


@pytest.mark.parametrize("path", ["/graphql", "/graphql?query={__typename}"])
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
async def test_every_request_needs_a_token(
    start_guarded: StartGateway, issuer: LocalIssuer, method: str, path: str
) -> None:
    """Each method and form of request is refused without a token, before its body is read."""
    gateway = await start_guarded(issuer_section(issuer))
    headers = {"content-type": "application/json"}

    response = await gateway.http.request(method, path, content=b"{", headers=headers)

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == MISSING


async def test_media_type_of_a_refusal(start_guarded: StartGateway, issuer: LocalIssuer) -> None:
    """A refusal has the media type that the client accepts."""
    gateway = await start_guarded(issuer_section(issuer))

    for accepted in ("application/json", "application/graphql-response+json"):
        response = await ask(gateway, accept=accepted)
        assert response.status_code == 401
        assert response.headers["content-type"] == f"{accepted}; charset=utf-8"
    response = await ask(gateway, accept="text/event-stream")
    assert response.status_code == 401


async def test_open_paths(start_guarded: StartGateway, issuer: LocalIssuer) -> None:
    """Health, readiness and the page of GraphiQL need no token."""
    gateway = await start_guarded(issuer_section(issuer))

    for path in ("/healthz", "/readyz", "/metrics"):
        assert (await gateway.http.get(path)).status_code != 401
    page = await gateway.http.get("/graphql", headers={"accept": "text/html"})
    assert page.status_code == 200
    assert "text/html" in page.headers["content-type"]


@pytest.mark.parametrize(("scope", "expected"), [("graphiql", 200), ("read", 403), (None, 403)])
async def test_graphiql_needs_a_scope_of_whom_a_cookie_names(
    start_guarded: StartGateway, issuer: LocalIssuer, scope: str | None, expected: int
) -> None:
    """A browser whose cookie says who it is gets GraphiQL with the scope for it only."""
    gateway = await start_guarded(issuer_section(issuer, 'cookies = ["session"]'))
    headers = {"accept": "text/html", "cookie": f"session={issuer.sign(scope=scope)}"}

    response = await gateway.http.get("/graphql", headers=headers)

    assert response.status_code == expected
    if expected != 200:
        assert response.json()["errors"][0]["extensions"] == {"code": "FORBIDDEN"}


WRONG_TOKENS = {
    "another audience": {"aud": "other"},
    "no audience": {"aud": None},
    "audiences that are no texts": {"aud": [1, {"gateway": 1}]},
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "an issuer that is no text": {"iss": {"a": 1}},
    "expired": {"exp": 1},
    "expired just now": {"exp": NOW.timestamp() + 1_000},
    "no expiry": {"exp": None},
    "an expiry that is no number": {"exp": "4000000000"},
    "an expiry that is true": {"exp": True},
    "not valid yet": {"nbf": 3_999_999_999},
    "a begin that is no number": {"nbf": "0"},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "a subject that is no text": {"sub": 1},
}


@pytest.mark.parametrize("claims", WRONG_TOKENS.values(), ids=WRONG_TOKENS)
async def test_wrong_claims(
    start_guarded: StartGateway, issuer: LocalIssuer, claims: dict[str, Any]
) -> None:
    """A token whose claims are not for this gateway and this time is refused."""
    gateway = await start_guarded(issuer_section(issuer))
    claims = {"sub": "ada", **claims}
    payload = {"iss": issuer.url, "aud": "gateway", "exp": 4_000_000_000, **claims}
    kept = {name: value for name, value in payload.items() if value is not None}
    # Not by `jwt.encode`, which checks some claims itself.
    text = jwt.PyJWS().encode(json.dumps(kept).encode(), EC_KEY, "ES256", {"kid": "first"})

    await assert_accepted(gateway, issuer.sign())
    await assert_refused(gateway, text)


@pytest.mark.parametrize(
    "claims", [{"aud": ["other", "gateway"]}, {"nbf": 1}, {"exp": 4e9}, {"iat": 3_999_999_999}]
)
async def test_right_claims(
    start_guarded: StartGateway, issuer: LocalIssuer, claims: dict[str, Any]
) -> None:
    """Several audiences, times with fractions and a time of issue are as RFC 7519 has them."""
    gateway = await start_guarded(issuer_section(issuer))

    await assert_accepted(gateway, issuer.sign(**claims))


def b64(value: object) -> str:
    """Return a JSON value in base64url, as the parts of tokens are."""
    return jwt.utils.base64url_encode(json.dumps(value).encode()).decode()


async def test_algorithm_confusion(start_guarded: StartGateway, issuer: LocalIssuer) -> None:
    """No token passes by an algorithm that the key is not for, public keys as secrets included."""
    issuer.keys = {"first": (RSA_KEY, "RS256"), "ec": (EC_KEY, "ES256")}
    gateway = await start_guarded(issuer_section(issuer))
    claims = {"iss": issuer.url, "aud": "gateway", "sub": "ada", "exp": 4_000_000_000}
    await assert_accepted(gateway, issuer.sign())
    secrets = [pem_of(RSA_KEY), b64(jwk_of(RSA_KEY, "first", "RS256")).encode(), b""]
    for secret in secrets:
        for algorithm in ("HS256", "HS384", "HS512"):
            head = f"{b64({'alg': algorithm, 'kid': 'first'})}.{b64(claims)}"
            algorithms = jwt.algorithms.get_default_algorithms()
            signature = algorithms[algorithm].sign(head.encode(), secret or b"\0")
            await assert_refused(
                gateway, f"{head}.{jwt.utils.base64url_encode(signature).decode()}"
            )
    for none in ("none", "None", "NONE", "", None, 1, ["RS256"], {"RS256": 1}):
        head = f"{b64({'alg': none, 'kid': 'first'})}.{b64(claims)}"
        await assert_refused(gateway, f"{head}.")
        await assert_refused(gateway, f"{head}.AAAA")
    await assert_refused(gateway, issuer.sign("ec", headers={"kid": "first"}))
    await assert_refused(gateway, issuer.sign("first", headers={"kid": "ec"}))


async def test_keys_in_the_token_are_not_used(
    start_guarded: StartGateway, issuer: LocalIssuer
) -> None:
    """A token cannot bring its own key or say where its key is."""
    gateway = await start_guarded(issuer_section(issuer))
    evil = ec.generate_private_key(ec.SECP256R1())
    genuine, issuer.keys = issuer.keys, {"evil": (evil, "ES256")}
    jwk = jwk_of(evil, "first", "ES256")
    headers: list[dict[str, Any]] = [
        {"jwk": jwk},
        {"jku": f"{issuer.url}/evil"},
        {"x5u": f"{issuer.url}/evil"},
        {"kid": f"{issuer.url}/evil"},
        {"kid": "../../../dev/null"},
        {"kid": "first' OR 1=1"},
    ]
    tokens = [issuer.sign("evil", headers={"kid": "first", **each}) for each in headers]
    issuer.keys = genuine

    for token in tokens:
        await assert_refused(gateway, token)
    assert set(issuer.requests) <= {"/.well-known/openid-configuration", "/keys"}


@pytest.mark.parametrize(
    "headers", [{"crit": ["exp"], "exp": 1}, {"crit": ["b64"], "b64": True}, {"crit": []}]
)
async def test_critical_extensions(
    start_guarded: StartGateway, issuer: LocalIssuer, headers: dict[str, Any]
) -> None:
    """A token that needs an extension is refused, for the gateway knows none (RFC 7515, 4.1.11)."""
    gateway = await start_guarded(issuer_section(issuer))
    token = issuer.sign()
    claims = token.split(".")[1]
    head = f"{b64({'alg': 'ES256', 'kid': 'first', **headers})}.{claims}"
    signature = jwt.algorithms.get_default_algorithms()["ES256"].sign(head.encode(), EC_KEY)
    text = f"{head}.{jwt.utils.base64url_encode(signature).decode()}"

    await assert_refused(gateway, text)


ALGORITHMS: dict[str, Private] = {
    **{f"RS{bits}": RSA_KEY for bits in (256, 384, 512)},
    **{f"PS{bits}": RSA_KEY for bits in (256, 384, 512)},
    "ES256": EC_KEY,
    "ES384": ec.generate_private_key(ec.SECP384R1()),
    "ES512": ec.generate_private_key(ec.SECP521R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    "EdDSA, Ed448": ed448.Ed448PrivateKey.generate(),
}


@pytest.mark.parametrize("name", ALGORITHMS)
async def test_algorithms(start_guarded: StartGateway, issuer: LocalIssuer, name: str) -> None:
    """Tokens signed by each algorithm with a pair of keys are accepted, if it is allowed."""
    algorithm = name[:5]
    issuer.keys = {"first": (ALGORITHMS[name], algorithm)}
    others = [each for each in ("RS256", "PS512", "ES256", "EdDSA") if each != algorithm]
    gateway = await start_guarded(issuer_section(issuer))
    limited = await start_guarded(issuer_section(issuer, f"algorithms = {others}"))

    await assert_accepted(gateway, issuer.sign())
    await assert_refused(limited, issuer.sign())


async def test_forged_signatures(start_guarded: StartGateway, issuer: LocalIssuer) -> None:
    """A token that is changed in any part, or cut, is refused."""
    gateway = await start_guarded(issuer_section(issuer))
    token = issuer.sign()
    head, payload, signature = token.split(".")
    await assert_accepted(gateway, token)
    other = b64({"iss": issuer.url, "aud": "gateway", "sub": "eve", "exp": 4_000_000_000})

    for text in (
        f"{head}.{other}.{signature}",
        f"{b64({'alg': 'ES256', 'kid': 'first', 'a': 1})}.{payload}.{signature}",
        f"{head}.{payload}.{signature[:-2]}",
        f"{head}.{payload}.",
        f"{head}.{payload}",
        f"{token}.{signature}",
        f"{token}=",
        f"{token}!",
        f"{head}.{payload}!.{signature}",
        f".{payload}.{signature}",
        f"{head}..{signature}",
        "..",
        f"{b64([])}.{payload}.{signature}",
        f"{head}.{b64([])}.{signature}",
        "a.b.c",
    ):
        await assert_refused(gateway, text)


async def test_long_token(start_guarded: StartGateway, issuer: LocalIssuer) -> None:
    """A token beyond the limit is refused before any of it is decoded."""
    gateway = await start_guarded(issuer_section(issuer))
    short, long = (issuer.sign(more="x" * size) for size in (8_000, MAX_TOKEN_BYTES))

    await assert_accepted(gateway, short)
    await assert_refused(gateway, long)
    await assert_refused(gateway, f"{b64('[' * 5_000)}.{'W1tb' * 2_000}.AAAA")


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
async def test_key_types_that_are_not_used(
    start_guarded: StartGateway, issuer: LocalIssuer
) -> None:
    """Short, private, symmetric and encrypting keys of a set are never used."""
    short = rsa.generate_private_key(65_537, 1_024)
    secret = jwt.utils.base64url_encode(b"s" * 32).decode()
    issuer.keys["short"] = (short, "RS256")
    private: dict[str, Any] = jwt.algorithms.ECAlgorithm.to_jwk(EC_KEY, as_dict=True)
    keys: list[Any] = [
        jwk_of(short, "short", "RS256"),
        {**private, "kid": "private"},
        {"kty": "oct", "k": secret, "kid": "oct", "alg": "HS256"},
        jwk_of(EC_KEY, "enc", "ES256", use="enc"),
        jwk_of(EC_KEY, "ops", "ES256", key_ops=["sign"]),
        jwk_of(EC_KEY, "alg", "ES256", alg="ES384"),
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "point"},
        {"kty": "EC", "kid": "nothing"},
        *([], None, 1, {}, {"kty": []}, {"kty": "RSA", "n": 1, "e": 2}),
        jwk_of(EC_KEY, "good", "ES256"),
    ]
    issuer.answers["/keys"] = lambda: (200, {}, json.dumps({"keys": keys}).encode())
    gateway = await start_guarded(issuer_section(issuer))

    await assert_accepted(gateway, issuer.sign(headers={"kid": "good"}))
    await assert_refused(gateway, issuer.sign("short"))
    for id_ in ("private", "enc", "ops", "alg", "point", "nothing"):
        await assert_refused(gateway, issuer.sign(headers={"kid": id_}))
    await assert_refused(gateway, jwt.encode({}, b"s" * 32, "HS256", {"kid": "oct"}))


async def test_token_without_key_id(start_guarded: StartGateway, issuer: LocalIssuer) -> None:
    """A token that names no key is checked with the only one that fits, never with one of many."""
    gateway = await start_guarded(issuer_section(issuer))
    token = jwt.PyJWS().encode(
        json.dumps(
            {"iss": issuer.url, "aud": "gateway", "sub": "ada", "exp": 4_000_000_000}
        ).encode(),
        EC_KEY,
        "ES256",
    )
    await assert_accepted(gateway, token)

    issuer.keys["second"] = (EC_KEY, "ES256")
    other = await start_guarded(issuer_section(issuer))
    await assert_refused(other, token)


async def test_verdict_ends_with_the_token(
    start_guarded: StartGateway, issuer: LocalIssuer
) -> None:
    """A token that was accepted before is refused from the second on in which it expires."""
    gateway = await start_guarded(issuer_section(issuer))
    token = issuer.sign(exp=gateway.clock.now() + 10)

    await assert_accepted(gateway, token)
    gateway.clock.advance(9.9)
    await assert_accepted(gateway, token)
    gateway.clock.advance(0.1)
    await assert_refused(gateway, token)


async def test_clock_skew(start_guarded: StartGateway, issuer: LocalIssuer) -> None:
    """Tokens are accepted as long before and after their times as the access file says."""
    gateway = await start_guarded(issuer_section(issuer, "clock_skew_seconds = 30"))
    now = gateway.clock.now()

    accepted: list[dict[str, Any]] = [{"exp": now - 29}, {"nbf": now + 29}]
    refused: list[dict[str, Any]] = [{"exp": now - 30}, {"nbf": now + 31}]
    for claims in accepted:
        for _ in range(2):
            await assert_accepted(gateway, issuer.sign(**claims))
    for claims in refused:
        await assert_refused(gateway, issuer.sign(**claims))


async def test_warm_path_checks_no_signature(
    start_guarded: StartGateway, issuer: LocalIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signature of a token is checked once, in however many requests it comes."""
    checks = []
    check = jwt.PyJWS._verify_signature

    def count(*arguments: Any, **options: Any) -> None:
        checks.append(1)
        check(*arguments, **options)

    monkeypatch.setattr(jwt.PyJWS, "_verify_signature", count)
    gateway = await start_guarded(issuer_section(issuer))
    tokens = [issuer.sign(sub=f"user-{number}") for number in range(20)]
    for _ in range(3):
        for token in tokens:
            await assert_accepted(gateway, token)

    assert len(checks) == len(tokens)


async def test_verdicts_are_bounded(start_guarded: StartGateway, issuer: LocalIssuer) -> None:
    """The memory for tokens forgets the oldest beyond its bound, and they are checked again."""
    gateway = await start_guarded(issuer_section(issuer), credentials_megabytes=1)
    subject = "s" * 1_000
    first = issuer.sign(sub=subject)
    await assert_accepted(gateway, first)
    for number in range(600):
        await assert_accepted(gateway, issuer.sign(sub=f"{number}{subject[:900]}"))

    await assert_accepted(gateway, first)


async def test_key_rotation(start_guarded: StartGateway, issuer: LocalIssuer) -> None:
    """A token signed with a new key is accepted at once, one with a withdrawn key no longer."""
    gateway = await start_guarded(issuer_section(issuer))
    old = issuer.sign()
    await assert_accepted(gateway, old)
    issuer.keys = {"second": (RSA_KEY, "PS256")}
    gateway.clock.advance(5)

    await assert_accepted(gateway, issuer.sign("second"))
    await assert_refused(gateway, old)


async def test_withdrawn_key_without_new_tokens(
    start_guarded: StartGateway, issuer: LocalIssuer
) -> None:
    """A key that the issuer withdraws is no longer accepted once the keys are read again."""
    gateway = await start_guarded(issuer_section(issuer, "keys_refresh_seconds = 60"))
    old = issuer.sign()
    await assert_accepted(gateway, old)
    issuer.keys = {"second": (EC_KEY, "ES256")}
    read = len(issuer.requests)
    gateway.clock.advance(60)
    await until_true(lambda: is_at_least(issuer, read + 2))

    await until_true(lambda: is_refused(gateway, old))


async def is_at_least(issuer: LocalIssuer, requests: int) -> bool:
    """Tell whether an issuer has had so many requests."""
    return len(issuer.requests) >= requests


async def is_refused(gateway: Gateway, token: str) -> bool:
    """Tell whether a token is refused."""
    return (await ask(gateway, token)).status_code == 401


def answer(body: bytes) -> tuple[int, dict[str, str], bytes]:
    """Return what an issuer answers with a body."""
    return 200, {}, body


async def test_issuer_down(start_guarded: StartGateway, issuer: LocalIssuer) -> None:
    """The keys that were read last are used while the issuer is down, for new tokens too."""
    gateway = await start_guarded(issuer_section(issuer))
    await assert_accepted(gateway, issuer.sign())
    issuer.is_down = True
    gateway.clock.advance(400)
    for wrong in (b"", b"[]", b'{"keys": []}', b'{"keys": [{"kty": "oct"}]}', b"{" * 10_000):
        issuer.answers["/keys"] = partial(answer, wrong)
        await assert_refused(gateway, issuer.sign(headers={"kid": "unknown"}))
        gateway.clock.advance(400)

    await assert_accepted(gateway, issuer.sign(sub="new"))


async def test_issuer_down_from_the_start(start_guarded: StartGateway, issuer: LocalIssuer) -> None:
    """A token whose keys were never read is refused as temporary, until the issuer answers."""
    issuer.is_down = True
    key = create_key()
    section = f'[[api_keys]]\nname = "a"\nhash = "{hash_key(key.encode())}"\n'
    gateway = await start_guarded(issuer_section(issuer) + section)

    response = await ask(gateway, issuer.sign())
    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"
    assert response.json()["errors"][0]["extensions"]["code"] == "UPSTREAM_UNAVAILABLE"
    await assert_accepted(gateway, key)

    issuer.is_down = False
    gateway.clock.advance(5)
    await assert_accepted(gateway, issuer.sign())


async def test_flood_of_unknown_key_ids(start_guarded: StartGateway, issuer: LocalIssuer) -> None:
    """Tokens with unknown key ids cause one reading of the keys in five seconds, no more."""
    gateway = await start_guarded(issuer_section(issuer))
    await assert_accepted(gateway, issuer.sign())
    gateway.clock.advance(5)
    issuer.requests.clear()
    for number in range(100):
        await assert_refused(gateway, issuer.sign(headers={"kid": f"unknown-{number}"}))

    assert issuer.requests.count("/keys") == 1
    gateway.clock.advance(5)
    await assert_refused(gateway, issuer.sign(headers={"kid": "unknown"}))
    assert issuer.requests.count("/keys") == 2


BAD_ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "another host": (302, {"location": "http://localhost:1/keys"}, b""),
    "another scheme": (302, {"location": "ftp://127.0.0.1/keys"}, b""),
    "itself": (302, {"location": "/keys"}, b""),
    "too long": (200, {}, b" " * 600_000),
    "compressed": (200, {"content-encoding": "gzip"}, b"\x1f\x8b"),
    "failed": (500, {}, b"{}"),
    "no keys": (200, {}, b"{}"),
    "many keys": (200, {}, json.dumps({"keys": [{}] * 101}).encode()),
}


@pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
async def test_bad_answers_of_an_issuer(
    start_guarded: StartGateway,
    issuer: LocalIssuer,
    answer: tuple[int, dict[str, str], bytes],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Redirects to other hosts and without end, and answers over the limits give no keys."""
    issuer.answers["/keys"] = lambda: answer
    gateway = await start_guarded(issuer_section(issuer))

    assert (await ask(gateway, issuer.sign())).status_code == 503
    assert len(issuer.requests) <= 10
    assert any(record.msg == "gateway.issuer_keys_failed" for record in caplog.records)


async def test_redirect_on_the_same_host(start_guarded: StartGateway, issuer: LocalIssuer) -> None:
    """A redirect that stays on the host is followed."""
    issuer.answers["/keys"] = lambda: (307, {"location": "/other"}, b"")
    issuer.answers["/other"] = lambda: (200, {}, issuer.key_set())
    gateway = await start_guarded(issuer_section(issuer))

    await assert_accepted(gateway, issuer.sign())


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://other.example", "jwks_uri": "https://127.0.0.1/keys"},
        {"jwks_uri": "https://127.0.0.1/keys"},
        {"issuer": "self", "jwks_uri": "http://example.com/keys"},
        {"issuer": "self", "jwks_uri": ["https://example.com/keys"]},
        {"issuer": "self"},
        [],
    ],
)
async def test_wrong_discovery_document(
    start_guarded: StartGateway, issuer: LocalIssuer, document: Any
) -> None:
    """A discovery document of another issuer, or with keys in an unsafe place, is not used."""
    if isinstance(document, dict) and document.get("issuer") == "self":
        document = {**document, "issuer": issuer.url}
    text = json.dumps(document).encode()
    issuer.answers["/.well-known/openid-configuration"] = lambda: (200, {}, text)
    gateway = await start_guarded(issuer_section(issuer))

    assert (await ask(gateway, issuer.sign())).status_code == 503


async def test_keys_at_a_url(start_guarded: StartGateway, issuer: LocalIssuer) -> None:
    """With the URL of the keys, there is no discovery and the issuer need not be a URL."""
    section = f'[[issuers]]\nissuer = "urn:us"\njwks_url = "{issuer.url}/keys"\naudiences = ["a"]\n'
    gateway = await start_guarded(section)

    await assert_accepted(gateway, issuer.sign(iss="urn:us", aud="a"))
    await assert_refused(gateway, issuer.sign(aud="a"))
    assert set(issuer.requests) == {"/keys"}


async def test_several_issuers(start_guarded: StartGateway, issuer: LocalIssuer) -> None:
    """Each token is checked with the keys and the audience of its own issuer."""
    other = LocalIssuer("https://other.example")
    other.keys = {"first": (RSA_KEY, "RS256")}
    issuer.answers["/other"] = lambda: (200, {}, other.key_set())
    second = (
        f'[[issuers]]\nissuer = "{other.url}"\njwks_url = "{issuer.url}/other"\n'
        'audiences = ["second"]\n'
    )
    gateway = await start_guarded(issuer_section(issuer) + second)

    await assert_accepted(gateway, issuer.sign())
    await assert_accepted(gateway, other.sign(aud="second"))
    await assert_refused(gateway, issuer.sign(aud="second"))
    await assert_refused(gateway, other.sign())
    await assert_refused(gateway, issuer.sign(iss=other.url, aud="second"))


async def test_token_in_other_headers_and_cookies(
    start_guarded: StartGateway, issuer: LocalIssuer
) -> None:
    """A token is found in the headers and cookies that the access file names, and nowhere else."""
    places = ('headers = ["X-Token", "authorization"]', 'cookies = ["session"]')
    gateway = await start_guarded(issuer_section(issuer, *places))
    token = issuer.sign()

    await assert_accepted(gateway, token)
    await assert_accepted(gateway, **{"x-token": token})
    await assert_accepted(gateway, **{"x-token": f"Bearer {token}"})
    await assert_accepted(gateway, cookie=f'a=b; session="{token}"; c=d')
    await assert_refused(gateway, challenge=MISSING, **{"x-other": token})
    await assert_refused(gateway, challenge=MISSING, cookie=f"other={token}")
    await assert_refused(gateway, cookie=f"session={token}; session={token}")
    # The header is what somebody set on purpose.
    await assert_refused(gateway, "wrong", cookie=f"session={token}")


async def test_token_in_a_place_of_another_issuer(
    start_guarded: StartGateway, issuer: LocalIssuer
) -> None:
    """A token counts only where the access file expects tokens of its issuer."""
    first = issuer_section(issuer, 'headers = ["x-first"]')
    second = '[[issuers]]\nissuer = "https://b.example"\naudiences = ["b"]\n'
    gateway = await start_guarded(first + second)

    await assert_accepted(gateway, **{"x-first": issuer.sign()})
    await assert_refused(gateway, issuer.sign())


async def test_two_tokens_in_one_header(start_guarded: StartGateway, issuer: LocalIssuer) -> None:
    """Two fields of one header are refused: servers disagree on which of them counts."""
    gateway = await start_guarded(issuer_section(issuer))
    field = ("authorization", f"Bearer {issuer.sign()}")
    response = await gateway.http.post("/graphql", json=QUERY, headers=[field, field])

    assert response.status_code == 401


async def test_other_schemes(start_guarded: StartGateway, issuer: LocalIssuer) -> None:
    """The scheme may be in any case; another one counts as no token."""
    gateway = await start_guarded(issuer_section(issuer))
    token = issuer.sign()

    for scheme in ("bearer", "BEARER", "Bearer  "):
        await assert_accepted(gateway, authorization=f"{scheme} {token}")
    for value in (f"Basic {token}", token, "Bearer", ""):
        await assert_refused(gateway, challenge=MISSING, authorization=value)


async def test_tokens_of_load_balancers(start_guarded: StartGateway, issuer: LocalIssuer) -> None:
    """Padded tokens of AWS's load balancers are accepted of the load balancer that is named."""
    arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/lb/1"
    section = "\n".join(
        [
            "[[issuers]]",
            'issuer = "https://idp.example"',
            f'key_url = "{issuer.url}/pem/{{kid}}"',
            f'signer = "{arn}"',
            'audiences = ["client-1"]',
            'headers = ["x-amzn-oidc-data"]',
            "padded = true",
            "",
        ]
    )
    issuer.answers["/pem/key-1"] = lambda: (200, {}, pem_of(EC_KEY))
    gateway = await start_guarded(section)
    claims = {"iss": "https://idp.example", "sub": "ada", "exp": 4_000_000_000}

    def sign(**more: str) -> str:
        header = {"alg": "ES256", "kid": "key-1", "signer": arn, "client": "client-1", **more}
        parts = [pad(b64(part)) for part in (header, claims)]
        text = ".".join(parts)
        signature = jwt.algorithms.get_default_algorithms()["ES256"].sign(text.encode(), EC_KEY)
        return f"{text}.{pad(jwt.utils.base64url_encode(signature).decode())}"

    assert "=" in sign()
    await assert_accepted(gateway, **{"x-amzn-oidc-data": sign()})
    await assert_refused(gateway, challenge=MISSING)
    await assert_refused(gateway, **{"x-amzn-oidc-data": sign(signer=f"{arn}2")})
    await assert_refused(gateway, **{"x-amzn-oidc-data": sign(client="other")})
    for kid in ("../keys", "key%2F1", "key/1", "", "a" * 101, "key-1\n"):
        await assert_refused(gateway, **{"x-amzn-oidc-data": sign(kid=kid)})
    assert issuer.requests == ["/pem/key-1"]


def pad(part: str) -> str:
    """Return a part of a token with the padding of base64."""
    return part + "=" * (-len(part) % 4)


async def test_padding_where_it_is_not_expected(
    start_guarded: StartGateway, issuer: LocalIssuer
) -> None:
    """Padding is refused unless the access file allows it."""
    gateway = await start_guarded(issuer_section(issuer))
    padded = await start_guarded(issuer_section(issuer, "padded = true"))
    head = ".".join(pad(part) for part in issuer.sign(a=1).split(".")[:2])
    head = head if "=" in head else ".".join(pad(p) for p in issuer.sign(a=12).split(".")[:2])
    signature = jwt.algorithms.get_default_algorithms()["ES256"].sign(head.encode(), EC_KEY)
    token = f"{head}.{pad(jwt.utils.base64url_encode(signature).decode())}"

    await assert_refused(gateway, token)
    await assert_accepted(padded, token)


def key_section(key: str, *lines: str, name: str = "dashboard") -> str:
    """Return the section of the access file for an API key."""
    return "\n".join(
        ["[[api_keys]]", f'name = "{name}"', f'hash = "{hash_key(key.encode())}"', *lines, ""]
    )


async def test_api_keys(start_guarded: StartGateway) -> None:
    """An API key is accepted as a bearer token and in `x-api-key`; others and hashes are not."""
    key, other = create_key(), create_key()
    gateway = await start_guarded(key_section(key) + key_section(create_key(), name="more"))

    await assert_accepted(gateway, key)
    await assert_accepted(gateway, **{"x-api-key": key})
    for wrong in (other, key[:-1], key + "x", key.upper(), hash_key(key.encode()), "smgw_", "a"):
        await assert_refused(gateway, wrong)
        await assert_refused(gateway, **{"x-api-key": wrong})
    await assert_refused(gateway, challenge=MISSING, **{"x-api-key": ""})


async def test_expiry_of_api_keys(start_guarded: StartGateway) -> None:
    """An API key is refused from the time on at which it expires."""
    key, old = create_key(), create_key()
    gateway = await start_guarded(
        key_section(key, "expires = 2026-03-05")
        + key_section(old, "expires = 2026-01-01", name="b")
    )
    left = datetime(2026, 3, 5, tzinfo=UTC).timestamp() - gateway.clock.now()

    await assert_accepted(gateway, key)
    await assert_refused(gateway, old)
    gateway.clock.advance(left - 1)
    await assert_accepted(gateway, key)
    gateway.clock.advance(1)
    await assert_refused(gateway, key)


async def test_strangers_where_they_are_allowed(
    start_guarded: StartGateway, issuer: LocalIssuer
) -> None:
    """With the setting, requests without a token are answered; a wrong token never is."""
    gateway = await start_guarded(issuer_section(issuer), allow_unauthenticated=True)

    await assert_accepted(gateway)
    await assert_accepted(gateway, issuer.sign())
    await assert_refused(gateway, "wrong")


async def test_tokens_are_ignored_without_an_access_file(gateway: Gateway) -> None:
    """A gateway that asks nobody who they are does not look at tokens."""
    await assert_accepted(gateway, "anything")


async def test_vary_and_caching(start_guarded: StartGateway, issuer: LocalIssuer) -> None:
    """Responses are private, and vary by every header that may hold a token."""
    places = ('headers = ["authorization", "x-token"]', 'cookies = ["session"]')
    gateway = await start_guarded(issuer_section(issuer, *places))
    headers = {"authorization": f"Bearer {issuer.sign()}", "apollo-require-preflight": "1"}
    response = await gateway.http.get("/graphql?query={__typename}", headers=headers)
    headers["if-none-match"] = response.headers["etag"]
    unchanged = await gateway.http.get("/graphql?query={__typename}", headers=headers)

    assert unchanged.status_code == 304
    for each in (response, unchanged):
        assert each.headers["cache-control"].startswith("private")
        named = {name.strip().lower() for name in each.headers["vary"].split(",")}
        assert {"authorization", "x-api-key", "x-token", "cookie"} <= named
    headers["authorization"] = "Bearer wrong"
    refused = await gateway.http.get("/graphql?query={__typename}", headers=headers)
    assert refused.status_code == 401


async def test_cors(start_guarded: StartGateway, issuer: LocalIssuer) -> None:
    """Pages of allowed origins may send the headers with tokens, and read the challenge."""
    origin = "https://page.example"
    section = issuer_section(issuer, 'headers = ["x-token"]')
    gateway = await start_guarded(section, cors_origins=origin)
    asked = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, x-token, x-api-key",
    }
    preflight = await gateway.http.options("/graphql", headers=asked)
    refused = await ask(gateway, origin=origin)

    assert preflight.status_code == 200
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == origin
    assert "www-authenticate" in refused.headers["access-control-expose-headers"]


async def test_reasons_are_logged_without_the_token(
    start_guarded: StartGateway, issuer: LocalIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has the reason of each refusal, and no part of a token."""
    gateway = await start_guarded(issuer_section(issuer))
    expired = issuer.sign(exp=1)
    await assert_refused(gateway, expired)
    await assert_refused(gateway, challenge=MISSING)
    await assert_refused(gateway, issuer.sign(iss="https://evil.example/\nFORGED"))
    await assert_refused(gateway, "smgw_" + "a" * 49)

    events = [record for record in caplog.records if record.msg == "gateway.unauthenticated"]
    reasons = [vars(record)["reason"] for record in events]
    assert reasons == ["expired", "missing", "issuer", "unknown_key"]
    text = "\n".join(str(vars(record)) for record in caplog.records)
    assert not any(part in text for part in (*expired.split("."), "FORGED", "smgw_"))


async def test_new_access_file(
    start_guarded: StartGateway, issuer: LocalIssuer, tmp_path: Any
) -> None:
    """A changed access file is in force after two seconds; a wrong one is not, and is logged."""
    first, second = create_key(), create_key()
    gateway = await start_guarded(key_section(first))
    await assert_accepted(gateway, first)
    path = tmp_path / "access.toml"
    path.write_text("[[api_keys]]\nnam = 1\n")
    await until(lambda: gateway.clock.sleeping(2.0))
    gateway.clock.advance(2)
    await until(lambda: gateway.clock.sleeping(2.0))
    await assert_accepted(gateway, first)

    path.write_text(key_section(second) + issuer_section(issuer))
    gateway.clock.advance(2)
    await until_true(lambda: is_refused(gateway, first))
    await assert_accepted(gateway, second)
    await assert_accepted(gateway, issuer.sign())


async def test_reload_on_request(start_guarded: StartGateway, tmp_path: Any) -> None:
    """The lifecycle's `reload` has the file read again, even if it looks the same."""
    key = create_key()
    gateway = await start_guarded(key_section(key))
    path = tmp_path / "access.toml"
    gateway.lifecycle.reload()
    path.write_text(key_section(create_key()))
    await until(lambda: gateway.clock.sleeping(2.0))
    gateway.clock.advance(2)

    await until_true(lambda: is_refused(gateway, key))
