"""Redaction: secret values and credentials in text are replaced for callers who may not see them.

Every pattern takes time in proportion to the text: it begins where a run of letters begins, and
each repetition in it has a bound or ends with the match.
"""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable
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
    """Its groups `kept` and `end`, if it has them, are not part of the credential."""
    is_secret: Callable[[str], bool] | None = None
    """Tells of what the pattern finds whether it is a credential; `None`: it always is."""


def _rule(
    kind: str,
    markers: str,
    pattern: str,
    flags: int = 0,
    is_secret: Callable[[str], bool] | None = None,
) -> _Rule:
    return _Rule(
        kind, tuple(markers.lower().split()), re.compile(pattern, flags | re.ASCII), is_secret
    )


def _token(kind: str, prefixes: str, pattern: str) -> _Rule:
    """Return the rule of credentials that begin with one of `prefixes`."""
    return _rule(kind, prefixes, rf"(?<![A-Za-z0-9])(?:{pattern})")


def _is_basic(credentials: str) -> bool:
    """Tell whether a text is user and password in Base64, as HTTP's scheme `Basic` has them."""
    try:
        decoded = b64decode(credentials + "=" * (-len(credentials) % 4), validate=True).decode()
    except (Base64Error, UnicodeDecodeError):
        return False
    return ":" in decoded and decoded.isprintable()


# The rules of what can hold another credential come first.
_RULES: Final = (
    _rule(
        "private-key",
        "-begin ssh2 putty-user-key-file",
        r"-{4,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}.*?"
        r"(?:-{4,5} ?END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}|\Z)"
        r"|PuTTY-User-Key-File-\d.*",
        re.DOTALL,
    ),
    _token("private-key", "age-secret-key-", r"AGE-SECRET-KEY-[0-9A-Z]{30,}"),
    _rule("url-credentials", "://", r"(?P<kept>://)[^/\s?#\"'<>]{1,1024}(?P<end>@)"),
    # A password with a slash, which a URL should not have. A port has digits only.
    _rule(
        "url-credentials",
        "://",
        r"(?P<kept>://)[^/\s?#\"'<>@:]{1,256}:(?!\d{1,5}[/?#])[^\s\"'<>@:]{1,256}(?P<end>@)",
    ),
    _rule(
        "url-credentials",
        "jdbc:oracle:",
        r"(?P<kept>jdbc:oracle:\w{1,20}:)[^\s/@\"'<>]{1,128}/[^\s@\"'<>]{1,128}(?P<end>@)",
        re.IGNORECASE,
    ),
    _rule(
        "signature",
        "x-amz- x-goog- signature= sig= awsaccesskeyid= googleaccessid=",
        r"(?P<kept>(?<![A-Za-z0-9_-])(?:X-(?:Amz|Goog)-(?:Signature|Credential|Security-Token)|"
        r"AWSAccessKeyId|GoogleAccessId|(?:Signature|sig)(?==[\w%+/.~-]{16}))=)[^\s&\"'<>]+",
        re.IGNORECASE,
    ),
    # From the first `eyJ` of a run of letters on, since a later one is part of the same token.
    _rule(
        "jwt",
        "eyj",
        r"(?P<kept>(?<![\w-])(?:(?!(?<![A-Za-z0-9])eyJ)[\w-])*+)"
        r"eyJ[\w-]{6,}={0,2}\.[\w-]{2,}={0,2}\.[\w-]*={0,2}(?:\.[\w-]+){0,2}",
    ),
    # Texts with the id of a key often have the key itself, which nothing else tells.
    _rule(
        "aws-secret-key",
        "akia asia",
        r"(?<![\w/+=-])(?=[a-z0-9/+]{0,39}[A-Z])(?=[A-Z0-9/+]{0,39}[a-z])"
        r"[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])",
    ),
    _token("aws-access-key", "akia asia", r"(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _token("aws-bedrock-key", "absk", r"ABSK[A-Za-z0-9+/]{60,}={0,2}"),
    _token(
        "github-token",
        "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
        r"gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{22,}",
    ),
    _token("gitlab-token", "gl", r"gl(?:pat|dt|rt|cbt|ptt|ft|agent|soat|imt)-[\w.-]{16,}"),
    _token("slack-token", "xox xapp-", r"xox[a-z](?:\.xox[a-z])?-[\w-]{10,}|xapp-\d-[\w-]{10,}"),
    _rule(
        "slack-webhook",
        "hooks.slack.com",
        r"(?P<kept>hooks\.slack\.com/(?:services|workflows|triggers)/)[^\s\"'<>]+",
    ),
    _rule(
        "webhook",
        "/api/webhooks/ webhook.office.com",
        r"(?P<kept>discord(?:app)?\.com/api/webhooks/|webhook\.office\.com/)[^\s\"'<>]+",
    ),
    _token("hugging-face-token", "hf_ api_org_", r"(?:hf|api_org)_[A-Za-z0-9]{16,}"),
    _token("anthropic-key", "sk-ant-", r"sk-ant-(?=[\w-]{0,60}?[A-Za-z0-9]{12})[\w-]{16,}"),
    _token(
        "openai-key",
        "sk-",
        r"sk-(?:proj|svcacct|admin|or|None)-(?=[\w-]{0,60}?[A-Za-z0-9]{12})[\w-]{16,}"
        r"|sk-[A-Za-z0-9]{32,}(?![\w-])",
    ),
    _token("google-key", "aiza ya29. gocspx-", r"AIza[\w-]{35}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}"),
    _token(
        "stripe-key",
        "_live_ _test_ whsec_",
        r"[rsp]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/]{24,}",
    ),
    _token("npm-token", "npm_", r"npm_[A-Za-z0-9]{30,}"),
    _token("pypi-token", "pypi-", r"pypi-[\w-]{50,}"),
    _token("docker-token", "dckr_", r"dckr_[a-z]{1,20}_[\w-]{16,}"),
    _rule("sendgrid-key", "sg.", r"(?<![\w.-])SG\.[\w-]{16,}\.[\w-]{16,}"),
    _token("databricks-token", "dapi dose", r"(?:dapi|dose)[a-f0-9]{32}(?:-\d)?(?![A-Za-z0-9])"),
    _token("digitalocean-token", "_v1_", r"do[opr]_v1_[a-f0-9]{32,}"),
    _token(
        "vault-token",
        "hvs. hvb. hvr. .atlasv1.",
        r"hv[sbr]\.[\w-]{20,}|\w{14}\.atlasv1\.[\w-]{40,}",
    ),
    _token("shopify-token", "shp", r"shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}"),
    _token("twilio-key", "sk", r"SK[a-f0-9]{32}(?![A-Za-z0-9])"),
    _token("telegram-token", ":aa", r"\d{8,10}:AA[\w-]{32,35}(?![\w-])"),
    _rule("azure-secret", "q~", r"(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{31,34}(?![\w.~-])"),
    _token(
        "api-key",
        "lin_api_ ntn_ figd_ glsa_ glc_ pmak- sntrys_ rubygems_ gsk_ r8_ pplx- xai- pcsk_ lsv2_ "
        "tskey- atatt3 sq0 nrak- sbp_ pscale_ key- -us akcp",
        r"(?:lin_api|figd|glsa|glc|sntrys|rubygems|gsk|r8|pcsk|lsv2_[a-z]{2}|sbp|pscale_[a-z]{2,9})"
        r"_[A-Za-z0-9_=+/-]{20,}|ntn_[A-Za-z0-9]{40,}|PMAK-[a-f0-9-]{24,}|(?:pplx|xai)-\w{30,}"
        r"|tskey-[a-z]{1,20}-[\w-]{16,}|ATATT3[\w=-]{40,}|sq0[a-z]{3}-[\w-]{22,}|NRAK-[A-Z0-9]{27}"
        r"|key-[a-f0-9]{32}(?![A-Za-z0-9])|[a-f0-9]{32}-us\d{1,2}(?!\d)|AKCp[A-Za-z0-9]{60,}",
    ),
    _rule(
        "bearer-token", "bearer", r"(?P<kept>\bbearer\s{1,4})[\w.~+/-]{16,}={0,2}", re.IGNORECASE
    ),
    _rule(
        "basic-credentials",
        "basic",
        r"(?P<kept>\bbasic\s{1,4})[A-Za-z0-9+/]{6,}={0,2}",
        re.IGNORECASE,
        _is_basic,
    ),
)

_SENSITIVE_NAME: Final = (
    r"(?:pass(?:word|wd|phrase|code)|passwort|pwd|secrets?|authorization(?![A-Za-z])|"
    r"(?:api|access|private|account|signing|encryption|master|shared|license)[_. -]?key)"
)
# Messages have these words before a colon too: "ExpiredToken: The security token is expired".
_OFTEN_SENSITIVE_NAME: Final = (
    r"(?:(?:credentials?|token)(?![A-Za-z])|(?<=[_-])(?:pass|pat)(?![A-Za-z])"
    r"|(?<![A-Za-z])auth(?=[\\\"']{0,8}\s{0,4}[:=]|\Z))"
)
_SENSITIVE_MARKERS: Final = "pass pwd secret credential auth key token _pat -pat"
# A colon in a path, an ARN or the name of an image has no space after it: `team/secret-scanner:1`.
_NAME_BEGINS: Final = r"(?<![\w.-])(?:(?<=[/:])(?P<in_path>))?+[\w.-]*?"
_ASSIGNED: Final = (
    r"\\{0,7}[\"']?\s{0,4}(?:(?(in_path):(?=[\s\"'\\])|:(?!:))|:?=>?)\s{0,4}|"
    r"\\{0,7}[\"']\s{0,4},\s{0,4}(?=\\{0,7}[\"'])"
)
# What follows may be redacted already, or be the regular expression of a metric.
_NO_VALUE: Final = r"(?!\[redacted|\(?(?:\[0-9|\[\^|\[\\|\\+[dwsDWS.\[]|\.[*+]))"
_NUMBER: Final = r"\d{1,%d}(?:\.\d{1,12})?(?:e-?\d{1,3})?(?![\w.+/=-]*[\w+/=-])"
_VALUE: Final = (
    r"(?:(?P<escape>\\{1,7})\"(?:(?!(?<!\\)(?P=escape)\").)*(?:(?P=escape)\")?"
    r"|\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?|`[^`]*`?"
    r"|(?:(?:basic|bearer|token|digest)\s{1,4})?(?:[^\s,;&\"'<>\\]|\\(?![\"'n]))+)"
)


def _named(pattern: str, markers: str = _SENSITIVE_MARKERS) -> _Rule:
    """Return the rule of a value that follows what `pattern` finds."""
    return _rule("", markers, rf"(?P<kept>{pattern}){_NO_VALUE}{_VALUE}", re.IGNORECASE | re.DOTALL)


_NAMED_RULES: Final = (
    _named(rf"{_NAME_BEGINS}{_SENSITIVE_NAME}[\w.-]{{0,40}}+(?:{_ASSIGNED})"),
    _named(
        rf"{_NAME_BEGINS}{_OFTEN_SENSITIVE_NAME}(?P<tail>[\w.-]{{1,40}}+)?+(?:{_ASSIGNED})"
        rf"(?![\"']?(?:(?(tail){_NUMBER % 12}|{_NUMBER % 5})|\())"
        r"(?=\\{0,7}[\"']?(?:[^\s\"']{0,100}?\d|[^\s\"']{16}))"
    ),
    # Arguments of commands, also as the list that a program prints.
    _named(
        rf"(?<![\w-])--[\w-]{{0,40}}?(?:{_SENSITIVE_NAME}|(?P<often>{_OFTEN_SENSITIVE_NAME}))"
        rf"[\w-]{{0,40}}+(?:\s{{1,4}}|\\{{0,7}}[\"'],?\s{{0,4}})(?!-)(?(often)(?!{_NUMBER % 5}))",
        "--",
    ),
    _named(
        r"(?<![\w-])(?:-u|--user|--proxy-user)[\s=]{1,4}[\"']?[^\s:\"'@/]{1,100}:(?!\d{1,10}\b|/)",
        "-u --user --proxy-user",
    ),
    _named(r"\blogin\s{1,4}\S{1,100}\s{1,4}password\s{1,4}", "login"),
    _named(r"\bpass(?:word|phrase|code)\s{1,4}(?=[\"'`])", "pass"),
    _rule(
        "",
        "</",
        rf"(?P<kept><[\w.:-]{{0,40}}?(?:{_SENSITIVE_NAME}|{_OFTEN_SENSITIVE_NAME})[\w.-]{{0,40}}+>)"
        r"(?!\[redacted)[^<]+",
        re.IGNORECASE,
    ),
)
"""The rules of what follows the name of a secret, whatever it looks like."""
_NAME: Final = re.compile(f"{_SENSITIVE_NAME}|{_OFTEN_SENSITIVE_NAME}", re.IGNORECASE | re.ASCII)


def is_secret_name(name: str) -> bool:
    """Tell whether what has this name is secret, as `DB_PASSWORD` is."""
    return _NAME.search(name) is not None


def hide_secrets(text: str) -> str:
    """Return a text with `[redacted:kind]` for what has the form of a credential.

    What follows the name of a secret is `[redacted]`.
    """
    return _apply(_NAMED_RULES, _apply(_RULES, text))


def _apply(rules: Iterable[_Rule], text: str) -> str:
    lower = text.lower()
    for rule in rules:
        for marker in rule.markers:
            if marker in lower:
                text = rule.pattern.sub(lambda match, rule=rule: _replace(match, rule), text)  # type: ignore[misc]
                break
    return text


def _replace(match: re.Match[str], rule: _Rule) -> str:
    groups = match.groupdict()
    kept, end = groups.get("kept") or "", groups.get("end") or ""
    if rule.is_secret is not None and not rule.is_secret(match[0][len(kept) :]):
        return match[0]
    return f"{kept}[redacted:{rule.kind}]{end}" if rule.kind else f"{kept}{REDACTED}"


def redact(value: Any) -> Any:
    """Return a text, or a list of texts, without what is secret; other values as they are."""
    if isinstance(value, str):
        return REDACTED if isinstance(value, SecretText) else hide_secrets(value)
    if isinstance(value, list):
        return [redact(item) for item in value]
    return value
