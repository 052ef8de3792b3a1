"""Where a person finds a resource in AWS's console, worked out from its ARN."""

from typing import Final
from urllib.parse import quote

from gateway.aws.arn import Arn, ArnError

_HOSTS: Final = {
    "aws": "{region}.console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
"""By partition; for the others an address would be a guess."""

_PAGES: Final = {"processing-job": "processing-jobs", "training-job": "jobs"}
"""By ARN type. AutoML jobs and monitoring schedules show in SageMaker Studio only, behind a domain
and a user profile that their ARN does not tell."""


def console_page(text: str) -> str | None:
    """Return the address of the console's page of the resource with the ARN `text`.

    `None` when no page of it is known, or it is not the ARN of a resource of SageMaker.
    Source: the addresses that the console itself shows, which AWS does not document.
    """
    try:
        arn = Arn.parse(text)
    except ArnError:
        return None
    host, page = _HOSTS.get(arn.partition), _PAGES.get(arn.type)
    if arn.service != "sagemaker" or not (host and page and arn.region):
        return None
    place = f"{host.format(region=arn.region)}/sagemaker/home?region={arn.region}"
    return f"https://{place}#/{page}/{quote(arn.name, safe='')}"
