"""Redaction: secret values and credentials in text are replaced for callers who may not see them.

Every pattern takes time in proportion to the text: it begins where a run of letters begins, and
each repetition in it has a bound or ends with the match.
"""

import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

REDACTED: Final = "[redacted]"


class SecretText(str):
    """A text of AWS's that is secret as a whole: the value of an environment variable."""

    __slots__ = ()


class _Rule(NamedTuple):
    """How credentials of one kind look."""

    kind: str
    markers: tuple[str, ...]
    """Texts in lower case, one of which is in every text that has such a credential."""
    pattern: re.Pattern[str]
    """Its group `kept`, if it has one, is not part of the credential."""


def _rule(kind: str, markers: str, pattern: str, flags: int = 0) -> _Rule:
    return _Rule(kind, tuple(markers.lower().split()), re.compile(pattern, flags | re.ASCII))


def _token(kind: str, prefixes: str, pattern: str) -> _Rule:
    """Return the rule of credentials that begin with one of `prefixes`."""
    return _rule(kind, prefixes, rf"(?<![A-Za-z0-9_.-])(?:{pattern})")


_SENSITIVE_NAME: Final = (
    r"(?:pass(?:word|wd|phrase|code)|pwd|secrets?|authorization(?![A-Za-z])|"
    r"(?:api|access|private|account|signing|encryption|master|shared)[_. -]?key)"
)
# Messages have these words before a colon too: "ExpiredToken: The security token is expired".
_OFTEN_SENSITIVE_NAME: Final = r"(?:credentials?|token)(?![A-Za-z])"
_SENSITIVE_MARKERS: Final = "pass pwd secret credential authorization key token"
_ASSIGNED: Final = r"[\"']?\s{0,4}(?:=>|[:=])\s{0,4}"
_VALUE: Final = r"(?:\"[^\"]*\"?|'[^']*'?|(?:(?:basic|bearer|token)\s+)?[^\s,;&\"'<>]+)"

# The rules of what can hold another credential come first.
_RULES: Final = (
    _rule(
        "private-key",
        "-----begin",
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?"
        r"(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\Z)",
        re.DOTALL,
    ),
    _rule("url-credentials", "://", r"(?P<kept>://)[^/\s?#\"'<>]{1,1024}@"),
    _rule(
        "signature",
        "x-amz- signature= sig= awsaccesskeyid=",
        r"(?P<kept>(?<![A-Za-z0-9_-])(?:X-Amz-(?:Signature|Credential|Security-Token)|Signature|sig|"
        r"AWSAccessKeyId)=)[^\s&\"'<>]+",
        re.IGNORECASE,
    ),
    _token("jwt", "eyj", r"eyJ[\w-]{6,}={0,2}\.[\w-]{2,}={0,2}\.[\w-]*={0,2}"),
    _token("aws-access-key", "akia asia", r"(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _token(
        "github-token",
        "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
        r"gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{22,}",
    ),
    _token("gitlab-token", "glpat- gldt- glrt-", r"gl(?:pat|dt|rt)-[\w.-]{16,}"),
    _token("slack-token", "xox xapp-", r"xox[a-z]-[\w-]{10,}|xapp-[\w-]{10,}"),
    _rule(
        "slack-webhook",
        "hooks.slack.com",
        r"(?P<kept>hooks\.slack\.com/(?:services|workflows)/)[\w/-]+",
    ),
    _token("hugging-face-token", "hf_ api_org_", r"(?:hf|api_org)_[A-Za-z0-9]{16,}"),
    _token(
        "openai-key", "sk-", r"sk-(?:proj|svcacct|admin)-[\w-]{16,}|sk-[A-Za-z0-9]{32,}(?![\w-])"
    ),
    _token("anthropic-key", "sk-ant-", r"sk-ant-[\w-]{16,}"),
    _token("google-key", "aiza ya29.", r"AIza[\w-]{35}|ya29\.[\w-]{20,}"),
    _token("stripe-key", "_live_ _test_", r"[rs]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    _token("npm-token", "npm_", r"npm_[A-Za-z0-9]{30,}"),
    _token("pypi-token", "pypi-", r"pypi-[\w-]{50,}"),
    _token("docker-token", "dckr_", r"dckr_[a-z]+_[\w-]{16,}"),
    _token("sendgrid-key", "sg.", r"SG\.[\w-]{16,}\.[\w-]{16,}"),
    _token("databricks-token", "dapi", r"dapi[a-f0-9]{32}(?:-\d)?(?![A-Za-z0-9])"),
    _token("digitalocean-token", "_v1_", r"do[opr]_v1_[a-f0-9]{32,}"),
    _token("vault-token", "hvs. hvb. hvr.", r"hv[sbr]\.[\w-]{20,}"),
    _token("shopify-token", "shp", r"shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}"),
    _token("twilio-key", "sk", r"SK[a-f0-9]{32}(?![A-Za-z0-9])"),
    _token("telegram-token", ":aa", r"\d{8,10}:AA[\w-]{32,35}(?![\w-])"),
    _rule(
        "bearer-token", "bearer", r"(?P<kept>\bbearer\s{1,4})[\w.~+/-]{16,}={0,2}", re.IGNORECASE
    ),
)
_NAMED_RULES: Final = (
    _rule(
        "",
        _SENSITIVE_MARKERS,
        rf"(?P<kept>{_SENSITIVE_NAME}[\w.-]{{0,40}}{_ASSIGNED})(?!\[redacted){_VALUE}",
        re.IGNORECASE,
    ),
    _rule(
        "",
        _SENSITIVE_MARKERS,
        rf"(?P<kept>{_OFTEN_SENSITIVE_NAME}[\w.-]{{0,40}}{_ASSIGNED})"
        rf"(?!\[redacted)(?=[\"']?(?:[^\s\"']{{0,100}}?\d|[^\s\"']{{16}})){_VALUE}",
        re.IGNORECASE,
    ),
    _rule(
        "",
        "--",
        rf"(?P<kept>(?<![\w-])--[\w-]{{0,40}}?(?:{_SENSITIVE_NAME}|{_OFTEN_SENSITIVE_NAME})"
        rf"[\w-]{{0,40}}\s{{1,4}})(?!\[redacted|-){_VALUE}",
        re.IGNORECASE,
    ),
)
"""The rules of what follows the name of a secret, whatever it looks like."""
_NAME: Final = re.compile(f"{_SENSITIVE_NAME}|{_OFTEN_SENSITIVE_NAME}", re.IGNORECASE)


def is_secret_name(name: str) -> bool:
    """Tell whether what has this name is secret, as `DB_PASSWORD` is."""
    return _NAME.search(name) is not None


def hide_credentials(text: str) -> str:
    """Return a text with `[redacted:kind]` in the place of what has the form of a credential."""
    return _apply(_RULES, text)


def hide_secrets(text: str) -> str:
    """Return a text without credentials, and without what follows the name of a secret."""
    return _apply((*_RULES, *_NAMED_RULES), text)


def _apply(rules: Iterable[_Rule], text: str) -> str:
    lower = text.lower()
    for kind, markers, pattern in rules:
        for marker in markers:
            if marker in lower:
                text = pattern.sub(lambda match, kind=kind: _replace(match, kind), text)  # type: ignore[misc]
                break
    return text


def _replace(match: re.Match[str], kind: str) -> str:
    kept = match.groupdict().get("kept", "")
    end = "@" if kind == "url-credentials" else ""
    return f"{kept}[redacted:{kind}]{end}" if kind else f"{kept}{REDACTED}"


def redact(value: Any) -> Any:
    """Return a text, or a list of texts, without what is secret; other values as they are."""
    if isinstance(value, str):
        return REDACTED if isinstance(value, SecretText) else hide_secrets(value)
    if isinstance(value, list):
        return [redact(item) for item in value]
    return value
