"""Credentials in text are replaced; text without any stays as it is."""

import time
from typing import Final

import pytest

from gateway.redaction import (
    _NAMED_RULES,
    _RULES,
    SecretText,
    hide_secrets,
    is_secret_name,
    redact,
)

CREDENTIALS = {
    "AKIAIOSFODNN7EXAMPLE": "[redacted:aws-access-key]",
    "as ASIAIOSFODNN7EXAMPLE.": "as [redacted:aws-access-key].",
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCY": "aws_secret_access_key = [redacted]",
    '{"SecretAccessKey": "wJalr XUtn", "n": 1}': '{"SecretAccessKey": [redacted], "n": 1}',
    "https://user:p@ss/word@host": "https://user:p@ss/word@host".replace(
        "user:p@", "[redacted:url-credentials]@"
    ),
    "postgres://admin:hunter2@db:5432/x": "postgres://[redacted:url-credentials]@db:5432/x",
    "https://b.s3.amazonaws.com/k?X-Amz-Date=1&X-Amz-Signature=ab12&x=1": (
        "https://b.s3.amazonaws.com/k?X-Amz-Date=1&X-Amz-Signature=[redacted:signature]&x=1"
    ),
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\ntail": (
        "[redacted:private-key]\ntail"
    ),
    "-----BEGIN PRIVATE KEY-----\nMIIE without an end": "[redacted:private-key]",
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln": "[redacted:jwt]",
    "eyJhbGciOiJSUzI1NiJ9==.eyJzdWIiOiIxIn0=.c2ln==": "[redacted:jwt]",
    "Authorization: Basic dXNlcjpwYXNz": "Authorization: [redacted]",
    "sent bearer abcdefghijklmnop1234": "sent bearer [redacted:bearer-token]",
    "ghp_" + "a1" * 18: "[redacted:github-token]",
    "github_pat_" + "a1" * 20: "[redacted:github-token]",
    "glpat-" + "a1" * 10: "[redacted:gitlab-token]",
    "xoxb-123456789012-abcdef": "[redacted:slack-token]",
    "https://hooks.slack.com/services/T0/B0/abc": (
        "https://hooks.slack.com/services/[redacted:slack-webhook]"
    ),
    "hf_" + "aB" * 17: "[redacted:hugging-face-token]",
    "sk-proj-" + "aB" * 20: "[redacted:openai-key]",
    "sk-ant-api03-" + "aB" * 20: "[redacted:anthropic-key]",
    "AIza" + "aB3-_" * 7: "[redacted:google-key]",
    "sk_live_" + "aB" * 12: "[redacted:stripe-key]",
    "npm_" + "aB" * 18: "[redacted:npm-token]",
    "pypi-" + "aB" * 30: "[redacted:pypi-token]",
    "dapi" + "0f" * 16: "[redacted:databricks-token]",
    "hvs." + "aB" * 14: "[redacted:vault-token]",
    "SG." + "aB" * 11 + "." + "cD" * 20: "[redacted:sendgrid-key]",
    "train.py --db-password hunter2 --epochs 3": ("train.py --db-password [redacted] --epochs 3"),
    "failed: password='a b', retry": "failed: password=[redacted], retry",
    "api_key: 12345": "api_key: [redacted]",
    "WANDB_API_KEY=0f0f": "WANDB_API_KEY=[redacted]",
    "AKIAIOSFODNN7EXAMPLE / wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY": (
        "[redacted:aws-access-key] / [redacted:aws-secret-key]"
    ),
    "-----BEGIN OPENSSH PRIVATE KEY-----\\nb3Bl\\n-----END OPENSSH PRIVATE KEY-----,": (
        "[redacted:private-key],"
    ),
    "AGE-SECRET-KEY-1" + "QZ3" * 20: "[redacted:private-key]",
    "postgres://admin:hu/nter2@db:5432/x": "postgres://[redacted:url-credentials]@db:5432/x",
    "jdbc:oracle:thin:scott/tiger@//db:1521/x": (
        "jdbc:oracle:thin:[redacted:url-credentials]@//db:1521/x"
    ),
    "https://a.blob.core.windows.net/c?sv=2022&sig=" + "aB%2F" * 8 + "%3D": (
        "https://a.blob.core.windows.net/c?sv=2022&sig=[redacted:signature]"
    ),
    "id_token-eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln": "id_token-[redacted:jwt]",
    "sent Basic dXNlcjpwYXNzd29yZA== twice": "sent Basic [redacted:basic-credentials] twice",
    "curl -u admin:hunter2 https://host": "curl -u admin:[redacted] https://host",
    "machine host login me password hunter2": "machine host login me password [redacted]",
    "Server=db;User Id=sa;Password=hunter2;Encrypt=1": (
        "Server=db;User Id=sa;Password=[redacted];Encrypt=1"
    ),
    "AccountName=a;AccountKey=" + "aB1+" * 21 + "==;x": "AccountName=a;AccountKey=[redacted];x",
    "//registry.npmjs.org/:_authToken=0a1b2c": "//registry.npmjs.org/:_authToken=[redacted]",
    '"auth": "dXNlcjpwYXNz1"': '"auth": [redacted]',
    "DB_PASS=hunter2": "DB_PASS=[redacted]",
    r"{\"password\": \"hun\\\"ter2\", \"n\": 1}": r"{\"password\": [redacted], \"n\": 1}",
    r'{"password": "hun\"ter2", "n": 1}': '{"password": [redacted], "n": 1}',
    "['train.py', '--password', 'hunter2', '--epochs']": (
        "['train.py', '--password', [redacted], '--epochs']"
    ),
    "('api_key', 'hunter2')": "('api_key', [redacted])",
    "<dbPassword>hunter2</dbPassword>": "<dbPassword>[redacted]</dbPassword>",
    "GOCSPX-" + "aB3_" * 7: "[redacted:google-key]",
    "gsk_" + "aB3" * 17: "[redacted:api-key]",
    "https://discord.com/api/webhooks/1/aB": "https://discord.com/api/webhooks/[redacted:webhook]",
}
PLAIN = (
    "s3://bucket/prefix/model.tar.gz",
    "s3://bucket/secrets/date=2026-01-01/token-7/part-0.csv",
    "s3://bucket/" + "0123456789abcdef" * 4 + "/Output/Model",
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com/image:token-1",
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/secret-scanner:1.2",
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com/image@sha256:" + "0123456789abcdef" * 4,
    "arn:aws:sagemaker:eu-west-1:123456789012:processing-job/sk-learn-random-forest-2026-01-01",
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-password-AbCdEf",
    "arn:aws:kms:eu-west-1:123456789012:key/0f3a2c6f-7f0d-4f3a-b2f4-a4fd0a6e5a6b",
    "arn:aws:iam::123456789012:role/service-role/Secret-Reader",
    "task-sk-proj-churn-2026-11-26",
    "xapp-training-2026-11-26",
    "model_hf_base",
    "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b on main",
    "0f3a2c6f-7f0d-4f3a-b2f4-a4fd0a6e5a6b",
    "max_tokens=512 tokenizer=bert",
    "pad_token_id=50256 max_token=512 eos_token_id: 2",
    r"validation:token_accuracy=([0-9\.]+)",
    r".*secret_recall: ([0-9]*\.?[0-9]+)",
    r"\[(\d+)\]#011validation-auc:(\S+)",
    "AlgorithmError: exit code: 1",
    "ClientError: No S3 objects found under prefix 'a@b'",
    "http://secret-store:8080/path/@scope",
    "Basic authentication failed",
    "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
    "ExpiredToken: The security token is expired",
    "NoCredentialsError: Unable to locate credentials: none",
    "",
)


@pytest.mark.parametrize(("text", "expected"), CREDENTIALS.items())
def test_credential_is_replaced(text: str, expected: str) -> None:
    """The credential goes, its kind and the text around it stay."""
    assert hide_secrets(text) == expected
    assert hide_secrets(expected) == expected


@pytest.mark.parametrize(("text", "expected"), CREDENTIALS.items())
def test_credential_within_a_sentence_is_replaced(text: str, expected: str) -> None:
    """What stands before it makes no difference."""
    assert hide_secrets(f"Job failed, see ({text}") == f"Job failed, see ({expected}"


@pytest.mark.parametrize("text", PLAIN)
def test_plain_text_stays(text: str) -> None:
    """A text without credentials is not changed."""
    assert hide_secrets(text) == text


def test_secret_text_is_replaced_as_a_whole() -> None:
    """A secret value goes, whatever it holds; numbers stay."""
    assert redact(SecretText("harmless")) == "[redacted]"
    assert redact([SecretText("a"), "b", 3, None]) == ["[redacted]", "b", 3, None]


@pytest.mark.parametrize(
    "name", ["DB_PASSWORD", "apiKey", "hf-token", "AwsSecretAccessKey", "PGPASS_PAT", "db-pass"]
)
def test_name_of_a_secret(name: str) -> None:
    """A name tells that its value is secret."""
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["team", "max_tokens", "keyboard", "tokenizer", "author"])
def test_name_of_no_secret(name: str) -> None:
    """Names that look alike are no reason to hide a value."""
    assert not is_secret_name(name)


BEGINNINGS: Final = (
    *(marker for rule in (*_RULES, *_NAMED_RULES) for marker in rule.markers),
    *("-----BEGIN RSA PRIVATE KEY", "://a:b", "eyJaaaaaa.", "-eyJaaaaaa", "SG." + "a" * 16),
    *(
        "password=",
        'password=\\\\"',
        "password=\\\\",
        "token_a=",
        "--a-password",
        "-u a:",
        "<password>",
    ),
    *("password=token" + " " * 20, "basic aaaa", "dckr_a_", "sk-" + "a" * 40, "a1B" * 13, "\\\\"),
)


def seconds_for(text: str) -> float:
    """Return the CPU time that a text takes."""
    started = time.thread_time()
    hide_secrets(text)
    return time.thread_time() - started


@pytest.mark.parametrize("separator", ["", " ", "-"])
def test_no_text_takes_long(separator: str) -> None:
    """The beginnings of credentials, repeated for 16,000 characters, take at most 0.1 s each.

    What is quadratic takes many times as long, and minutes for a megabyte.
    """
    units = [beginning + separator for beginning in BEGINNINGS]
    assert [unit for unit in units if seconds_for(unit * (16_000 // len(unit))) > 0.1] == []


@pytest.mark.parametrize("unit", ["pwd", "token_a=", "eyJaaaaaa-"])
def test_time_is_in_proportion_to_the_text(unit: str) -> None:
    """The slowest beginnings, half a megabyte of each: the double takes twice the time."""
    half, whole = (
        min(seconds_for(unit * (size // len(unit))) for _ in range(3))
        for size in (500_000, 1_000_000)
    )
    assert whole < max(3.3 * half, 0.2)
