"""Which values each setting takes, and the message about any other."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from gateway.settings import Settings, explain, variable

SECRET = "hunter2"


def refusal(name: str, value: object) -> str:
    """Return the one sentence about a value that is refused; it begins with the variable."""
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({name: value})
    (message,) = explain(caught.value)
    assert message.startswith(f"{variable(name)}: ")
    return message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "x"),
        ("port", "70000"),
        ("port", "-1"),
        ("graphiql", "perhaps"),
        ("log_level", "loud"),
        ("workers", "0"),
        ("workers", "100000"),
        ("aws_concurrency", "0"),
        ("aws_concurrency", "1000000000"),
        ("aws_attempts", "0"),
        ("aws_read_timeout", "0"),
        ("aws_read_timeout", "inf"),
        ("aws_deadline", "soon"),
        ("aws_deadline", "1e12"),
        ("cache_megabytes", "0"),
        ("fresh_finished", "-1"),
        ("fresh_missing", "nan"),
        ("stale_if_error", "-0.1"),
        ("max_depth", "0"),
        ("max_body_bytes", "1.5"),
        ("trusted_documents", "/nowhere/manifest.json"),
        ("trusted_documents", "/"),
    ],
)
def test_bad_value_is_shown(name: str, value: str) -> None:
    """A value that makes no sense is refused with the variable, the value and what is wanted."""
    message = refusal(name, value)

    assert f"it is {value!r}." in message
    assert "should be" in message or "does not point to a file" in message


@pytest.mark.parametrize("name", [n for n in Settings.model_fields if n != "allow_unauthenticated"])
@pytest.mark.parametrize("value", ["", " "])
def test_empty_value_is_refused(name: str, value: str) -> None:
    """A variable that is set to an empty text does not mean the default."""
    assert "The value is empty" in refusal(name, value)


@pytest.mark.parametrize("name", ["regions", "cors_origins"])
def test_list_of_nothing_is_refused(name: str) -> None:
    """Commas alone are no list: of regions, none would mean all."""
    assert "',' lists nothing" in refusal(name, ",")


@pytest.mark.parametrize(
    "value", ["eu_west_1", "foo", "eu-west", "EU-WEST-1", "eu-west-1a", "eu-west-1/", "eu west 1"]
)
@pytest.mark.parametrize("name", ["region", "regions"])
def test_what_is_no_region(name: str, value: str) -> None:
    """The name of a region has the form of one."""
    assert f"{value!r} is not the name of an AWS region" in refusal(name, value)


def test_one_wrong_region_among_others() -> None:
    """Each region of a list is checked, and the wrong one shown."""
    assert "'foo'" in refusal("regions", "eu-west-1,foo")


@pytest.mark.parametrize(
    "value", ["eu-west-1", "us-gov-east-1", "cn-northwest-1", "eusc-de-east-1"]
)
def test_regions_of_each_partition(value: str) -> None:
    """Regions of every partition have the form of one."""
    settings = Settings.model_validate({"region": value, "regions": f"{value}, {value},"})

    assert (settings.region, settings.regions) == (value, frozenset([value]))


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("https://example.com/", "https://example.com"),
        ("https://example.com/app", "https://example.com"),
        ("https://Example.com", "https://example.com"),
        ("HTTPS://example.com", "https://example.com"),
        ("https://example.com:443", "https://example.com"),
        ("http://localhost:80", "http://localhost"),
        ("https://example.com?x", "https://example.com"),
        ("https://example.com#x", "https://example.com"),
        ("http://[::1]:3000/", "http://[::1]:3000"),
        (f"https://me:{SECRET}@example.com", "https://example.com"),
    ],
)
def test_origin_that_no_browser_sends(value: str, meant: str) -> None:
    """An origin that would never match is refused with the one that was meant."""
    message = refusal("cors_origins", value)

    assert f"did you mean {meant!r}?" in message
    assert SECRET not in message


@pytest.mark.parametrize(
    "value",
    [
        "example.com",
        "example.com:3000",
        "//example.com",
        "https://",
        "https://*.example.com",
        "https://exa mple.com",
        "https://example.com:x",
        "https://example.com:0",
        "https://example.com:70000",
        "null",
    ],
)
def test_what_is_no_origin(value: str) -> None:
    """An origin is scheme, host and perhaps a port."""
    assert f"{value!r} is not an origin such as" in refusal("cors_origins", value)


def test_every_origin_and_another_one() -> None:
    """With `*` any other origin has no effect."""
    assert "'*' stands for every origin" in refusal("cors_origins", "*,https://example.com")


@pytest.mark.parametrize(
    "value",
    [
        "*",
        "https://example.com",
        "http://localhost:3000",
        "http://[::1]:3000",
        "capacitor://localhost",
    ],
)
def test_origins(value: str) -> None:
    """Origins as browsers send them are taken, and `*`."""
    assert Settings.model_validate({"cors_origins": value}).cors_origins == {value}


@pytest.mark.parametrize(
    "value",
    [
        "sagemaker.local",
        "https://",
        "ftp://host",
        "https://host:x",
        "https://host/?x=1",
        "https://host/#x",
        f"https://me:{SECRET}@host",
        f"me:{SECRET}@host",
    ],
)
def test_what_is_no_endpoint_url(value: str) -> None:
    """The URL of SageMaker has a scheme and a host, and no password."""
    assert SECRET not in refusal("endpoint_url", value)


@pytest.mark.parametrize("value", ["http://127.0.0.1:8001", "https://vpce-1.example.com/path"])
def test_endpoint_urls(value: str) -> None:
    """A URL with a host may have a port and a path."""
    assert Settings(endpoint_url=value).endpoint_url == value


@pytest.mark.parametrize(
    "value",
    [
        SECRET,
        f"http://:{SECRET}@host",
        "redis://",
        f"redis://:{SECRET}@host:port",
        f"redis://:{SECRET}@host/name",
        f"redis://:{SECRET}@host?decode_responses=true",
        f"redis://:{SECRET}@host?{SECRET}=1",
        "unix://",
    ],
)
def test_what_is_no_url_of_redis(value: str) -> None:
    """The URL of Redis is refused without a part of it, for it may hold a password."""
    message = refusal("redis_url", value)

    assert SECRET not in message
    assert "Redis" in message


@pytest.mark.parametrize(
    "value",
    ["redis://host", "rediss://:p@host:6380/1?ssl_cert_reqs=none", "unix:///run/redis.sock?db=1"],
)
def test_urls_of_redis(value: str) -> None:
    """Redis may be reached in each way that the client knows."""
    assert Settings.model_validate({"redis_url": value}).redis_url == SecretStr(value)


@pytest.mark.parametrize("value", ["http://localhost", "localhost:8000", "[::1]", "a b", "-"])
def test_what_is_no_host(value: str) -> None:
    """The address to listen on is no URL and has no port."""
    assert f"{value!r} is not an IP address or a host name" in refusal("host", value)


@pytest.mark.parametrize("value", ["::1", "::1:2", "0.0.0.0", "localhost", "gateway.example.com"])
def test_hosts(value: str) -> None:
    """The address to listen on is an IP address or a name."""
    assert Settings(host=value).host == value


def test_level_in_capitals() -> None:
    """Levels are known as Python's logging writes them, too."""
    given: dict[str, Any] = {"log_level": "WARNING"}

    assert Settings(**given).log_level == "warning"


def test_manifest_that_exists(tmp_path: Path) -> None:
    """A file that is there is taken."""
    path = tmp_path / "manifest.json"
    path.write_text("{}")

    assert Settings.model_validate({"trusted_documents": str(path)}).trusted_documents == path


def test_header_names_are_in_lower_case() -> None:
    """Names of headers are compared in lower case, however they are written."""
    settings = Settings.model_validate(
        {"cors_origins": "https://a.example", "cors_headers": "X-Mine, x-yours,X-MINE"}
    )

    assert settings.cors_headers == {"x-mine", "x-yours"}


@pytest.mark.parametrize("value", ["x mine", "x-mine: 1", "x-mine;x-yours", "é"])
def test_header_name_that_cannot_be_one(value: str) -> None:
    """What is no token of HTTP is refused."""
    given = {"cors_origins": "https://a.example", "cors_headers": value}
    with pytest.raises(ValidationError, match="is not the name of an HTTP header"):
        Settings.model_validate(given)


@pytest.mark.parametrize("name", ["cors_headers", "cors_exposed_headers"])
def test_cors_headers_without_origins(name: str) -> None:
    """Headers for pages of other origins are refused where there are no such origins."""
    with pytest.raises(ValidationError, match="has no effect without GATEWAY_CORS_ORIGINS"):
        Settings.model_validate({name: "x-mine"})


@pytest.mark.parametrize("value", ["sagemaker", "/", "/sagemaker/", "/a//b", "/a b", "/a?b", "//a"])
def test_root_path_that_cannot_be_one(value: str) -> None:
    """A root path begins with a slash, ends without one, and needs no encoding."""
    with pytest.raises(ValidationError, match="is not a path such as"):
        Settings.model_validate({"root_path": value})


@pytest.mark.parametrize("value", ["/a", "/a/b-c", "/v1.0/~x_y"])
def test_root_path(value: str) -> None:
    """A root path has any number of parts."""
    assert Settings.model_validate({"root_path": value}).root_path == value
