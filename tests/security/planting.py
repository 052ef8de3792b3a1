"""Answers of AWS with a credential in every text, each of them one that occurs nowhere else."""

import hashlib
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final

import botocore.session

from gateway.aws.resources import Resource
from tests.aws_answers import arn
from tests.clocks import NOW

MODEL: Final[Any] = botocore.session.Session().get_service_model("sagemaker")

_RUN: Final = re.compile(r"[0-9a-z]{16,}")

Form = Callable[[str], str]
"""Makes a text with a credential out of 16 letters and digits."""

FORMS: Final[dict[str, Form]] = {
    "id of an AWS key": lambda core: f"as AKIA{core.upper()}.",
    "id of a temporary AWS key": lambda core: f"ASIA{core.upper()}",
    "secret AWS key": lambda core: f"aws_secret_access_key = {core * 2}{core[:8]}",
    "AWS key in JSON": lambda core: f'{{"AccessKeyId": "x", "SecretAccessKey": "{core}"}}',
    "JWT": lambda core: f"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.{core}",
    "private key": lambda core: (
        f"-----BEGIN RSA PRIVATE KEY-----\nMII{core}\n-----END RSA PRIVATE KEY-----"
    ),
    "private key without an end": lambda core: f"-----BEGIN OPENSSH PRIVATE KEY-----\n{core}",
    "URL of a database": lambda core: f"postgres://admin:{core}@db:5432/jobs",
    "URL with a user": lambda core: f"git clone https://{core}@example.com/a.git failed",
    "signed URL": lambda core: f"https://b.s3.amazonaws.com/k?X-Amz-Signature={core}&x=1",
    "connection string": lambda core: f"Server=db;User Id=sa;Password={core};Encrypt=1",
    "GitHub": lambda core: f"ghp_{core * 2}{core[:4]}",
    "GitHub, fine-grained": lambda core: f"github_pat_{core * 2}",
    "GitLab": lambda core: f"glpat-{core}{core[:4]}",
    "Slack": lambda core: f"xoxb-123456789012-{core}",
    "Slack's webhook": lambda core: f"https://hooks.slack.com/services/T0/B0/{core}",
    "Hugging Face": lambda core: f"401 for token hf_{core * 2}{core[:2]}: denied",
    "Stripe": lambda core: f"sk_live_{core}{core[:8]}",
    "Google": lambda core: f"AIza{core * 2}{core[:3]}",
    "OpenAI": lambda core: f"sk-proj-{core * 3}",
    "Anthropic": lambda core: f"sk-ant-api03-{core * 3}",
    "npm": lambda core: f"npm_{core * 2}{core[:4]}",
    "header": lambda core: f"Authorization: Bearer {core}",
    "argument": lambda core: f"train.py --db-password {core} --epochs 3",
    "variable": lambda core: f"export WANDB_API_KEY={core}",
}

SECRET_AS_A_WHOLE: Final = frozenset(
    {
        *("HyperParameters", "StaticHyperParameters", "TunedHyperParameters"),
        *("TextGenerationHyperParameters", "Environment", "QueryString"),
        *("ContainerArguments", "ContainerEntrypoint"),
    }
)
"""The members whose text is secret whatever it looks like."""


@dataclass
class Planted:
    """What has been planted: each credential's own letters, by the member that holds it."""

    cores: dict[str, str] = field(default_factory=dict)
    answers: list[tuple[Resource, dict[str, Any]]] = field(default_factory=list)

    def find_in(self, text: str) -> list[str]:
        """Return the members whose credentials are in a text, in whatever letter case."""
        runs = _RUN.findall(text.lower())
        return [
            place
            for run in runs
            for i in range(len(run) - 15)
            if (place := self.cores.get(run[i : i + 16]))
        ]


def plant(resources: tuple[Resource, ...]) -> Planted:
    """Return answers for each kind: over all of them, each member holds each form of credential."""
    planted = Planted()
    for resource in resources:
        shape = MODEL.operation_model(resource.describe).output_shape
        for number in range(len(FORMS) + 1):
            name = f"planted-{number}"
            planter = _Planter(planted, resource, number)
            given = {
                resource.name: name,
                resource.arn: arn(resource.arn_type, name),
                resource.status: "Failed",
            }
            answer = planter.structure(shape, (), without=given)
            planted.answers.append((resource, {**answer, **given}))
    return planted


class _Planter:
    """Builds one answer. The last number has plain text, in the members that are secret whole."""

    def __init__(self, planted: Planted, resource: Resource, number: int) -> None:
        self._planted = planted
        self._resource = resource
        self._number = number
        self._leaves = 0

    def structure(
        self, shape: Any, path: tuple[str, ...], without: Collection[str] = ()
    ) -> dict[str, Any]:
        members = [name for name in shape.members if name not in without]
        if getattr(shape, "is_tagged_union", False):
            members = [members[self._number % len(members)]]
        return {name: self.value(shape.members[name], (*path, name)) for name in members}

    def value(self, shape: Any, path: tuple[str, ...]) -> Any:
        match shape.type_name:
            case "structure":
                return self.structure(shape, path)
            case "list":
                return [self.value(shape.member, path) for _ in range(2)]
            case "map":
                key = shape.key.enum[0] if shape.key.enum else self.text(path, is_key=True)
                return {key: self.value(shape.value, path)}
            case "timestamp":
                return NOW
            case "string":
                return shape.enum[0] if shape.enum else self.text(path)
            case kind:
                return {"boolean": True}.get(kind, 1)

    def text(self, path: tuple[str, ...], *, is_key: bool = False) -> str:
        self._leaves += 1
        forms = list(FORMS.values())
        place = f"{self._resource.describe} {'.'.join(path)}, {self._number}, {self._leaves}"
        core = hashlib.sha256(place.encode()).hexdigest()[:16]
        if self._number < len(forms):
            self._planted.cores[core] = place
            return forms[(self._number + self._leaves) % len(forms)](core)
        if not is_key and SECRET_AS_A_WHOLE.intersection(path):
            self._planted.cores[core] = place
            return f"as plain as {core}"
        return f"text {self._leaves}"
