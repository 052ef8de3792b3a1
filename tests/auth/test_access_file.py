"""The access file: what it may hold, and the messages about what is wrong in one."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.auth.access_file import AccessFile, read_access_file
from gateway.errors import ConfigurationError

HASH = "sha256:" + "0" * 64
KEY = f'[[api_keys]]\nname = "a"\nhash = "{HASH}"\n'
ISSUER = '[[issuers]]\nissuer = "https://a.example"\naudiences = ["a"]\n'


def read(tmp_path: Path, text: str) -> AccessFile:
    """Return the access file with a text."""
    path = tmp_path / "access.toml"
    path.write_text(text)
    return read_access_file(path)


def refusal(tmp_path: Path, text: str) -> str:
    """Return the message about a text, without the path of the file."""
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, text)
    path, _, message = str(caught.value).partition(": ")
    assert path == str(tmp_path / "access.toml")
    assert "\n" not in message
    return message


def test_whole_file(tmp_path: Path) -> None:
    """Every key of issuers and API keys is read."""
    access = read(
        tmp_path,
        """
        [[issuers]]
        issuer = "https://a.example"
        jwks_url = "https://a.example/keys"
        audiences = ["a", "b"]
        audience_claim = "client_id"
        algorithms = ["RS256", "EdDSA"]
        clock_skew_seconds = 30
        headers = ["X-Token"]
        cookies = ["session"]
        padded = true
        subject_claim = "email"
        scopes_claim = "cognito:groups"
        scope_map = { Admins = ["read"] }
        scopes = ["read"]
        keys_refresh_seconds = 60

        [[api_keys]]
        name = "dashboard"
        hash = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
        scopes = ["read"]
        expires = 2027-01-31T12:00:00+02:00
        """,
    )

    (issuer,) = access.issuers
    (key,) = access.api_keys
    assert issuer.audiences == {"a", "b"}
    assert issuer.headers == ("x-token",)
    assert issuer.places == {"x-token", "cookie:session"}
    assert issuer.scope_map == {"Admins": ("read",)}
    assert key.expires_at == datetime(2027, 1, 31, 10, tzinfo=UTC).timestamp()


def test_date_is_its_begin_in_utc(tmp_path: Path) -> None:
    """A date without a time is the first instant of that day in UTC."""
    (key,) = read(tmp_path, f"{KEY}expires = 2027-01-31\n").api_keys

    assert key.expires == datetime(2027, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (KEY.replace("hash", "hsh"), "api_keys[0].hsh: There is no such key. Did you mean `hash`?"),
        (KEY + ISSUER.replace("audiences", "audience"), "Did you mean `audiences`?"),
        (
            KEY.replace("api_keys", "apikeys"),
            "apikeys: There is no such key. Did you mean `api_keys`",
        ),
        (KEY + "\n[zzz]\n", "zzz: There is no such key."),
        (KEY + KEY.replace('"a"', '"b"'), "api_keys: two have the same `hash`"),
        (KEY + KEY.replace("0", "1"), "api_keys: two have the same `name`, 'a'"),
        (KEY.replace("sha256:0", "sha256:"), "api_keys[0].hash:"),
        (KEY.replace("sha256:", "md5:"), "api_keys[0].hash:"),
        (KEY.replace('"a"', '""'), "api_keys[0].name:"),
        (KEY.replace('"a"', '"a\\nb"'), "api_keys[0].name:"),
        (KEY + 'scopes = "read"', "api_keys[0].scopes:"),
        (KEY + 'scopes = ["a b"]', "api_keys[0].scopes"),
        (KEY + 'expires = "2027-01-31"', "without quotes"),
        (KEY + "expires = 2027-01-31T00:00:00", "has no time zone"),
        (KEY + "expires = 1", "api_keys[0].expires: This is not a time"),
        ('[[issuers]]\nissuer = "https://a.example"\n', "`audiences` is missing"),
        ('[[issuers]]\naudiences = ["a"]\n', "issuers[0].issuer: Field required"),
        (ISSUER.replace("https", "http"), "is not an https URL"),
        (ISSUER + 'jwks_url = "http://a.example"', "issuers[0].jwks_url: 'http://a.example'"),
        (ISSUER + 'jwks_url = "https://user:p@a.example"', "issuers[0].jwks_url:"),
        (ISSUER + 'jwks_url = "https://a.example/#a"', "issuers[0].jwks_url:"),
        (ISSUER + 'jwks_url = "file:///keys"', "issuers[0].jwks_url:"),
        (ISSUER + 'key_url = "https://a.example/keys"', "issuers[0].key_url:"),
        (ISSUER + 'key_url = "https://{kid}.a.example/"', "issuers[0].key_url:"),
        (ISSUER + 'algorithms = ["none"]', "issuers[0].algorithms"),
        (ISSUER + 'algorithms = ["HS256"]', "issuers[0].algorithms"),
        (ISSUER + 'algorithms = ["RS256", "ES256K"]', "issuers[0].algorithms"),
        (ISSUER + "algorithms = []", "issuers[0].algorithms"),
        (ISSUER + "clock_skew_seconds = -1", "issuers[0].clock_skew_seconds"),
        (ISSUER + "clock_skew_seconds = 301", "issuers[0].clock_skew_seconds"),
        (ISSUER + "keys_refresh_seconds = 1", "issuers[0].keys_refresh_seconds"),
        (ISSUER + 'headers = ["a b"]', "issuers[0].headers"),
        (ISSUER + "headers = []", "`headers` and `cookies` are both empty"),
        (ISSUER + 'cookies = ["a=b"]', "issuers[0].cookies"),
        (
            ISSUER + 'jwks_url = "https://a.example/"\nkey_url = "https://a.example/{kid}"',
            "exclude each other",
        ),
        ("", "nobody could be known"),
        ("[[issuers]", "at line 1"),
        ("a = \x00", "at line 1"),
        ("issuers = 1", "issuers:"),
    ],
)
def test_message_names_the_key(tmp_path: Path, text: str, message: str) -> None:
    """What is wrong is said with the place of the key, and a typo with the nearest one."""
    assert message in refusal(tmp_path, text)


def test_all_faults_at_once(tmp_path: Path) -> None:
    """Each fault has its sentence."""
    message = refusal(tmp_path, KEY.replace("hash", "hsh") + ISSUER.replace("issuer =", "isuer ="))

    for place in ("api_keys[0].hsh", "api_keys[0].hash", "issuers[0].isuer", "issuers[0].issuer"):
        assert place in message


def test_no_file(tmp_path: Path) -> None:
    """A file that cannot be read is named with the reason."""
    with pytest.raises(ConfigurationError, match=r"missing\.toml: No such file"):
        read_access_file(tmp_path / "missing.toml")
    with pytest.raises(ConfigurationError, match="Is a directory"):
        read_access_file(tmp_path)


def test_file_that_is_no_text(tmp_path: Path) -> None:
    """A file that is not UTF-8 is refused."""
    path = tmp_path / "access.toml"
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(ConfigurationError, match="utf-8"):
        read_access_file(path)
