"""The types of the settings' values, which check what each value means."""

import ipaddress
import re
from typing import Annotated, Final, Literal, NoReturn
from urllib.parse import SplitResult, parse_qsl, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

REFUSED: Final = "refused_setting"
"""The type of the errors whose message is a whole sentence that shows the value where it may."""

_YEAR: Final = 31_536_000
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_REGION: Final = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}")
_LABEL: Final = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST_NAME: Final = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?", re.IGNORECASE)
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+", re.IGNORECASE)
_ROOT_PATH: Final = re.compile(r"(/[a-z0-9._~-]+)+", re.IGNORECASE)
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*")
_REDIS_PARAMETERS: Final = re.compile(
    r"db|username|password|protocol|client_name|socket_\w+|ssl_\w+|health_check_interval"
)


def refuse(message: str) -> NoReturn:
    """Raise the error that refuses a value, with a message for whoever set it."""
    raise PydanticCustomError(REFUSED, "{message}", {"message": message})


def _split(value: object) -> object:
    """Return the parts of a text between commas."""
    if not isinstance(value, str):
        return value
    parts = [part.strip() for part in value.split(",") if part.strip()]
    return parts or refuse(f"{value!r} lists nothing.")


def _check_host(host: str) -> str:
    if host.startswith("[") or not (_is_address(host) or _HOST_NAME.fullmatch(host)):
        refuse(f"{host!r} is not an IP address or a host name; the port is a setting of its own.")
    return host


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _check_region(region: str) -> str:
    if not _REGION.fullmatch(region):
        refuse(f"{region!r} is not the name of an AWS region, such as 'eu-west-1'.")
    return region


def _check_endpoint_url(url: str) -> str:
    parts = _parse(url)
    if parts is None or parts.scheme not in _DEFAULT_PORTS or not _is_host(parts.hostname):
        refuse(f"{_without_user(url)!r} is not a URL such as 'https://host:8443'.")
    if parts.username is not None or parts.password is not None:
        refuse("The URL must not hold a user name or a password: AWS calls are signed instead.")
    if parts.query or parts.fragment:
        refuse(f"{url!r} must not have a query or a fragment.")
    return url


def is_safe_url(url: str) -> bool:
    """Tell whether a URL is of https, or of http on this machine, without user and fragment."""
    parts = _parse(url)
    if parts is None or not _is_host(parts.hostname) or "@" in parts.netloc or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach a host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"


def _check_origin(origin: str) -> str:
    if origin == "*":
        return origin
    parts = _parse(origin.lower())
    if parts is None or not _SCHEME.fullmatch(parts.scheme) or not _is_host(parts.hostname):
        refuse(
            f"{_without_user(origin)!r} is not an origin such as 'https://example.com' or "
            "'http://localhost:3000', nor '*'."
        )
    exact = _origin_of(parts)
    if origin != exact:
        refuse(
            f"{_without_user(origin)!r} is never what a browser sends as the origin of a page; "
            f"did you mean {exact!r}?"
        )
    return origin


def _check_origins(origins: frozenset[str]) -> frozenset[str]:
    if "*" in origins and len(origins) > 1:
        refuse("'*' stands for every origin: leave out the others, or '*'.")
    return origins


def _check_root_path(path: str) -> str:
    if not _ROOT_PATH.fullmatch(path):
        refuse(f"{path!r} is not a path such as '/sagemaker', without a slash at its end.")
    return path


def _check_host_name(host: str) -> str:
    name = host.removeprefix("*.").lower()
    is_address = _is_address(name.removeprefix("[").removesuffix("]"))
    if host != "*" and not (is_address or _HOST_NAME.fullmatch(name)):
        refuse(f"{host!r} is not a host name without a port, such as 'example.com', nor '*'.")
    return host.lower()


def _check_header_name(name: str) -> str:
    if not _HEADER_NAME.fullmatch(name):
        refuse(f"{name!r} is not the name of an HTTP header, such as 'x-request-id'.")
    return name.lower()


def _check_redis_url(url: SecretStr) -> SecretStr:
    """Return the URL. No message shows any part of it, for it may hold a password."""
    parts = _parse(url.get_secret_value())
    is_socket = parts is not None and parts.scheme == "unix" and parts.path
    is_server = parts is not None and parts.scheme in {"redis", "rediss"} and parts.hostname
    if parts is None or not (is_socket or is_server):
        refuse(
            "The value is not a URL of Redis: redis://host:6379, rediss://host:6379 (TLS) or "
            "unix:///path."
        )
    if is_server and not re.fullmatch(r"/?[0-9]*", parts.path):
        refuse("The path of a Redis URL is the number of a database, as in redis://host:6379/0.")
    for name, _ in parse_qsl(parts.query, keep_blank_values=True):
        if not _REDIS_PARAMETERS.fullmatch(name):
            refuse("The query of the Redis URL has a parameter that is not known.")
    return url


def _parse(url: str) -> SplitResult | None:
    """Return the parts of a URL, `None` unless it has a form that can be split and a legal port."""
    if re.search(r"[\s\x00-\x1f]", url):
        return None
    try:
        parts = urlsplit(url)
        legal = parts.port is None or parts.port > 0
    except ValueError:
        return None
    return parts if legal else None


def _is_host(host: str | None) -> bool:
    return host is not None and (_is_address(host) or _HOST_NAME.fullmatch(host) is not None)


def _origin_of(parts: SplitResult) -> str:
    """Return the origin of a URL as browsers write it."""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    is_default = parts.port in {None, _DEFAULT_PORTS.get(parts.scheme)}
    return f"{parts.scheme}://{host}" + ("" if is_default else f":{parts.port}")


def _without_user(url: str) -> str:
    """Return a URL that may be shown: what stands before an `@` may be a password."""
    return re.sub(r"(//)?[^/]*@", r"\1***@", url)


Seconds = Annotated[float, Field(gt=0, le=_YEAR, allow_inf_nan=False)]
SecondsOrZero = Annotated[float, Field(ge=0, le=_YEAR, allow_inf_nan=False)]
"""Seconds, which may be 0."""
Host = Annotated[str, AfterValidator(_check_host)]
LogLevel = Annotated[
    Literal["debug", "info", "warning", "error"],
    BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value),
]
Region = Annotated[str, AfterValidator(_check_region)]
Regions = Annotated[frozenset[Region], NoDecode, BeforeValidator(_split)]
EndpointUrl = Annotated[str, AfterValidator(_check_endpoint_url)]
Origins = Annotated[
    frozenset[Annotated[str, AfterValidator(_check_origin)]],
    NoDecode,
    BeforeValidator(_split),
    AfterValidator(_check_origins),
]
RootPath = Annotated[str, AfterValidator(_check_root_path)]
HeaderName = Annotated[str, AfterValidator(_check_header_name)]
"""The name of a header, which becomes one in lower case."""
HostNames = Annotated[
    frozenset[Annotated[str, AfterValidator(_check_host_name)]], NoDecode, BeforeValidator(_split)
]
HeaderNames = Annotated[
    frozenset[HeaderName],
    NoDecode,
    BeforeValidator(_split),
]
RedisUrl = Annotated[SecretStr, AfterValidator(_check_redis_url)]
