"""Credentials in text are replaced; text without any stays as it is."""

import pytest

from gateway.redaction import SecretText, hide_secrets, is_secret_name, redact

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
}
PLAIN = (
    "s3://bucket/prefix/model.tar.gz",
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com/image:token-1",
    "arn:aws:sagemaker:eu-west-1:123456789012:processing-job/sk-learn-random-forest-2026-01-01",
    "max_tokens=512 tokenizer=bert",
    "AlgorithmError: exit code: 1",
    "ClientError: No S3 objects found under prefix 'a@b'",
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


@pytest.mark.parametrize("name", ["DB_PASSWORD", "apiKey", "hf-token", "AwsSecretAccessKey"])
def test_name_of_a_secret(name: str) -> None:
    """A name tells that its value is secret."""
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["team", "max_tokens", "keyboard", "tokenizer"])
def test_name_of_no_secret(name: str) -> None:
    """Names that look alike are no reason to hide a value."""
    assert not is_secret_name(name)
