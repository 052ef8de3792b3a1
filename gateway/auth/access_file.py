"""The access file: a TOML file that says who may call the gateway."""

import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveInt,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from gateway.auth.views import ViewRules
from gateway.budgets.limits import Limits, limits_of
from gateway.errors import ConfigurationError
from gateway.grants import View
from gateway.settings.values import REFUSED, HeaderName, is_safe_url, refuse

AUTHORIZATION: Final = "authorization"

Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]
"""The algorithms of RFC 7518 and RFC 8037 whose keys are a pair: an issuer signs with the one that
it alone has. With HS256 whoever can check a token could also make one."""
ALGORITHMS: Final[frozenset[str]] = frozenset(get_args(Algorithm))


def _check_url(url: str) -> str:
    if not is_safe_url(url):
        refuse(f"{url!r} is not a URL such as 'https://example.com/keys'; http is for loopback.")
    return url


def _check_key_url(url: str) -> str:
    # In the path alone: a token must not pick the host.
    is_in_path = url.count("{kid}") == 1 and "/{kid}" in urlsplit(url).path
    if not is_in_path or not is_safe_url(url.replace("{kid}", "kid")):
        refuse(f"{url!r} is not a URL such as 'https://example.com/keys/{{kid}}'.")
    return url


def _read_time(value: object) -> object:
    """Return an instant; a date is its first instant in UTC."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, datetime) and value.tzinfo is None:
        refuse(f"{value.isoformat()} has no time zone: write {value.isoformat()}Z for UTC.")
    if not isinstance(value, datetime):
        refuse("This is not a time such as 2027-01-31T00:00:00Z, without quotes.")
    return value


Name = Annotated[str, StringConstraints(pattern=r"^[\w][\w .@:/-]{0,99}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
ScopeName = Annotated[str, StringConstraints(pattern=r"^[\x21\x23-\x5b\x5d-\x7e]{1,200}$")]
"""A scope as RFC 6749, 3.3 writes it."""
CookieName = Annotated[str, StringConstraints(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$")]
KeyHash = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Url = Annotated[str, AfterValidator(_check_url)]
KeyUrl = Annotated[str, AfterValidator(_check_key_url)]
Time = Annotated[datetime, BeforeValidator(_read_time)]


class Section(BaseModel):
    """One table of the file. It has no keys but those that are listed."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Entry(Section):
    """What callers are let in by, with the limits of each of them.

    Where a figure is left out, that of the settings counts.
    """

    calls_per_minute: PositiveInt | Literal["unlimited"] | None = None
    """AWS calls that each caller may cause in a minute."""
    calls_burst: PositiveInt | None = None
    """AWS calls that it may cause at once; those of one minute where this is left out."""
    requests_per_minute: PositiveInt | Literal["unlimited"] | None = None
    """Operations that each caller may send in a minute."""
    requests_burst: PositiveInt | None = None
    """Operations that it may send at once; those of one minute where this is left out."""

    def limits(self, default: Limits | None) -> Limits | None:
        """Return the limits of its callers, `default` being those of the settings."""
        return limits_of(self, default)

    @model_validator(mode="after")
    def _check_bursts(self) -> Self:
        for name in ("calls", "requests"):
            per_minute = getattr(self, f"{name}_per_minute")
            if getattr(self, f"{name}_burst") is not None and not isinstance(per_minute, int):
                refuse(f"`{name}_burst` has no effect without a number as `{name}_per_minute`.")
        return self


class Issuer(Entry):
    """One `[[issuers]]`: whose tokens are accepted, and what their callers may do."""

    issuer: Text
    """The claim `iss` of its tokens."""
    jwks_url: Url | None = None
    """Where its keys are; OpenID Connect discovery says so where this is left out."""
    key_url: KeyUrl | None = None
    """Where each key is as PEM, with `{kid}` in the place of its id, as of AWS's load balancers."""
    signer: Text | None = None
    """The ARN of the load balancer that signs the tokens; they have no audience."""
    audiences: frozenset[Text] = frozenset()
    """The values of the claim of which a token must have one."""
    audience_claim: Text = "aud"
    algorithms: Annotated[frozenset[Algorithm], Field(min_length=1)] = frozenset(
        get_args(Algorithm)
    )
    clock_skew_seconds: Annotated[float, Field(ge=0, le=300)] = 0.0
    """Tokens are accepted this many seconds before and after the times in them."""
    headers: tuple[HeaderName, ...] = (AUTHORIZATION,)
    """The headers that hold its tokens, after `Bearer` or alone."""
    cookies: tuple[CookieName, ...] = ()
    """The cookies that hold its tokens."""
    padded: bool = False
    """Whether the parts of a token may end with `=`, as those of AWS's load balancers do."""
    subject_claim: Text = "sub"
    """The claim that names the caller."""
    scopes_claim: Text | None = None
    """The claim with the scopes; `scope` or `scp` where this is left out."""
    scope_map: Mapping[Text, tuple[ScopeName, ...]] = Field(default_factory=dict)
    """The scopes that a value of the claim stands for, such as a group or a role."""
    scopes: frozenset[ScopeName] = frozenset()
    """The scopes that every caller of the issuer has."""
    view: Name | None = None
    """The name of the view that its callers have."""
    keys_refresh_seconds: Annotated[float, Field(ge=10, le=86_400)] = 300.0
    """The keys are read again after this many seconds."""

    @property
    def key_source(self) -> tuple[object, ...]:
        """What decides where its keys come from, and how often."""
        return self.issuer, self.jwks_url, self.key_url, self.keys_refresh_seconds

    @property
    def places(self) -> frozenset[str]:
        """The headers and cookies that hold its tokens, as `Credentials.place` names them."""
        return frozenset(self.headers) | {f"cookie:{name}" for name in self.cookies}

    @model_validator(mode="after")
    def _check_keys(self) -> Self:
        if self.jwks_url is not None and self.key_url is not None:
            refuse("`jwks_url` and `key_url` exclude each other.")
        if self.jwks_url is None and self.key_url is None and not is_safe_url(self.issuer):
            refuse(f"`issuer` {self.issuer!r} is not an https URL, so `jwks_url` must say more.")
        if self.signer is None and not self.audiences:
            refuse("`audiences` is missing: tokens for other applications would be accepted.")
        if not self.headers and not self.cookies:
            refuse("`headers` and `cookies` are both empty: no request could hold a token.")
        return self


class ApiKey(Entry):
    """One `[[api_keys]]`: the hash of a key, and what its callers may do."""

    name: Name
    hash: KeyHash
    """What `sagemaker-gateway new-key` prints."""
    scopes: frozenset[ScopeName] = frozenset()
    expires: Time | None = None
    """When the key is no longer accepted; a date means its begin in UTC."""
    view: Name | None = None

    @property
    def expires_at(self) -> float:
        """When the key is no longer accepted, in seconds since 1970."""
        return math.inf if self.expires is None else self.expires.timestamp()


class Anonymous(Entry):
    """`[anonymous]`: what callers may do that send no token and no key."""

    scopes: frozenset[ScopeName] = frozenset()
    view: Name | None = None


Source = tuple[Issuer | ApiKey | Anonymous, ViewRules | None]
"""What lets a caller in, with the rules of the view that it gives."""


class AccessFile(Section):
    """The whole file."""

    issuers: tuple[Issuer, ...] = ()
    api_keys: tuple[ApiKey, ...] = ()
    anonymous: Anonymous | None = None
    views: tuple[ViewRules, ...] = ()

    @model_validator(mode="after")
    def _check_entries(self) -> Self:
        if not (self.issuers or self.api_keys or self.anonymous):
            refuse("The file has no `[[issuers]]` and no `[[api_keys]]`: nobody could be known.")
        _check_unique("api_keys", "name", self.api_keys)
        _check_unique("api_keys", "hash", self.api_keys)
        _check_unique("views", "name", self.views)
        names = [view.name for view in self.views]
        for entry in self.entries:
            if entry.view is not None and entry.view not in names:
                refuse(f"views: none has the name {entry.view!r}.{_hint(entry.view, names)}")
        return self

    @property
    def entries(self) -> tuple[Issuer | ApiKey | Anonymous, ...]:
        """What lets callers in."""
        return (*self.issuers, *self.api_keys, self.anonymous or Anonymous())

    def check_words(self, scopes: frozenset[str], kinds: frozenset[str]) -> None:
        """Raise `ConfigurationError` for a scope or a kind of resource that does not exist."""
        named = {scope for entry in self.entries for scope in entry.scopes}
        named |= {
            scope
            for issuer in self.issuers
            for mapped in issuer.scope_map.values()
            for scope in mapped
        }
        for scope in sorted(named - scopes):
            raise ConfigurationError(f"There is no scope {scope!r}.{_hint(scope, scopes)}")
        for kind in sorted({kind for view in self.views for kind in view.kinds or ()} - kinds):
            raise ConfigurationError(f"views: There is no kind {kind!r}.{_hint(kind, kinds)}")

    def view_of(self, entry: Issuer | ApiKey | Anonymous, claims: Mapping[str, Any]) -> View | None:
        """Return the view of a caller of the entry; `None` for one who may see everything."""
        rules = self._rules_of(entry)
        return None if rules is None else rules.view_for(claims)

    def source_of(self, entry: Issuer | ApiKey | Anonymous) -> Source:
        """Return what decides about the callers of an entry."""
        return entry, self._rules_of(entry)

    def has(self, source: object) -> bool:
        """Tell whether a `Source`, maybe of an older version of the file, is in this one."""
        return any(self.source_of(entry) == source for entry in self.entries)

    def _rules_of(self, entry: Issuer | ApiKey | Anonymous) -> ViewRules | None:
        return next((each for each in self.views if each.name == entry.view), None)

    @property
    def headers(self) -> frozenset[str]:
        """The headers of all issuers, in lower case."""
        return frozenset(name for issuer in self.issuers for name in issuer.headers)

    @property
    def cookies(self) -> frozenset[str]:
        """The cookies of all issuers."""
        return frozenset(name for issuer in self.issuers for name in issuer.cookies)


def _check_unique(section: str, key: str, entries: Sequence[object]) -> None:
    values = [getattr(each, key) for each in entries]
    twice = next((value for value in values if values.count(value) > 1), None)
    if twice is not None:
        refuse(f"{section}: two have the same `{key}`, {twice!r}.")


def _hint(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, sorted(known), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def read_access_file(path: Path) -> AccessFile:
    """Return the access file at `path`.

    Raises `ConfigurationError`, whose message names each key that is wrong.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror or error}.") from error
    except ValueError as error:
        # Of TOML or of UTF-8.
        raise ConfigurationError(f"{path}: {error}.") from error
    try:
        return AccessFile.model_validate(content)
    except ValidationError as error:
        faults = " ".join(_explain(item) for item in error.errors())
        raise ConfigurationError(f"{path}: {faults}") from error


def _explain(item: ErrorDetails) -> str:
    """Return what is wrong with one key, in a sentence."""
    place = _place(item["loc"])
    if item["type"] == "extra_forbidden":
        *section, key = item["loc"]
        near = get_close_matches(str(key), _keys_of(section), n=1)
        hint = f" Did you mean `{near[0]}`?" if near else ""
        return f"{place}: There is no such key.{hint}"
    message = item["msg"]
    if item["type"] == REFUSED:
        return f"{place}: {message}" if place else message
    return f"{place}: {message}."


def _place(loc: Sequence[int | str]) -> str:
    """Return the place of a key as `issuers[0].audiences`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return text.removeprefix(".")


def _keys_of(section: Sequence[int | str]) -> Iterator[str]:
    """Yield the keys of the table at a place."""
    sections: Final[Mapping[str, type[BaseModel]]] = {
        "issuers": Issuer,
        "api_keys": ApiKey,
        "anonymous": Anonymous,
        "views": ViewRules,
    }
    model: Any = sections.get(str(section[0]), AccessFile) if section else AccessFile
    yield from model.model_fields
