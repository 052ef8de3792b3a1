"""Amazon Resource Names as values that parse and print themselves."""

import re
from dataclasses import dataclass
from typing import Final

_ARN: Final = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):(?P<service>[a-z0-9-]+):(?P<region>[a-z0-9-]*)"
    r":(?P<account>\d{12})?:(?P<type>[a-z-]+)/(?P<name>[!-~]{1,256})",
    re.IGNORECASE | re.ASCII,
)


class ArnError(ValueError):
    """The text is not an ARN of the form `arn:partition:service:region:account:type/name`."""


@dataclass(frozen=True, slots=True)
class Arn:
    """The parts of an ARN that names a resource by type and name.

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
