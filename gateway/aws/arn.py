"""Amazon Resource Names: parse and print them, and find their pages in AWS's console."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

_ARN: Final = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):(?P<service>[a-z0-9-]+):(?P<region>[a-z0-9-]*)"
    r":(?P<account>\d{12})?:(?P<type>[a-z-]+)/(?P<name>[!-~]{1,256})",
    re.IGNORECASE | re.ASCII,
)
_CONSOLES: Final = {
    "aws": "{region}.console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
"""The console's host by partition. Those of other partitions are not documented."""


class ArnError(ValueError):
    """The text is not an ARN of the form `arn:partition:service:region:account:type/name`."""


@dataclass(frozen=True, slots=True)
class Arn:
    """The parts of an ARN that names a resource by type and name.

    AWS answers with ARNs in lower case at times, so `name` may lack the capitals of the resource's
    own name.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """

    partition: str
    service: str
    region: str
    account: str
    type: str
    name: str

    @classmethod
    def parse(cls, text: str) -> "Arn":
        """Return the parts of an ARN; all but the name are lower-cased. Raises `ArnError`."""
        match = _ARN.fullmatch(text)
        if match is None:
            raise ArnError("not an ARN of the form arn:partition:service:region:account:type/name")
        parts = {key: (value or "").lower() for key, value in match.groupdict().items()}
        return cls(**{**parts, "name": match["name"]})

    def __str__(self) -> str:
        return (
            f"arn:{self.partition}:{self.service}:{self.region}:{self.account}"
            f":{self.type}/{self.name}"
        )


def certain_name(arn: str) -> str | None:
    """Return the name in an ARN that AWS answered with, if its letter case is certain; else `None`.

    It is certain if the name has a capital, for AWS lowers all letters of an ARN or none, and if
    the name has no letters.
    """
    start, _, name = arn.rpartition("/")
    has_capitals = start == start.lower() and name != name.lower()
    return name if has_capitals or name.lower() == name.upper() else None


def is_spelled_as(arn: str, name: str) -> bool:
    """Tell whether an ARN ends with `name` in the same letter case."""
    return arn.endswith(f"/{name}")


def console_page(text: str, name: str, page: str) -> str | None:
    """Return the URL of a resource in the console: `page` is the console's word for its kind.

    `text` is the resource's ARN. `None` when the console's host is not known, or `text` is not the
    ARN of a SageMaker resource.
    Source: the addresses that the console itself shows, which AWS does not document.
    """
    try:
        arn = Arn.parse(text)
    except ArnError:
        return None
    host = _CONSOLES.get(arn.partition)
    if arn.service != "sagemaker" or host is None or not arn.region:
        return None
    place = f"{host.format(region=arn.region)}/sagemaker/home?region={arn.region}"
    return f"https://{place}#/{page}/{quote(name, safe='')}"
