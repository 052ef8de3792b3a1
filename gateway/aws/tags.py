"""Read the tags of a resource: all pages of ListTags, as one map."""

from collections.abc import Mapping
from typing import Any, Final

from gateway.aws.call_log import unreadable
from gateway.aws.client import SageMaker
from gateway.aws.deadline import Deadline
from gateway.aws.resources import TAGS

MAX_PAGES: Final = 5
"""AWS allows 50 tags on a resource, and some of its own; its smallest page holds 50."""


async def read_tags(
    sagemaker: SageMaker, region: str, arn: str, deadline: Deadline
) -> dict[str, Any]:
    """Return the tags, by key, of an ARN that AWS gave, in one AWS call per page.

    Raises `NotFound` or `UpstreamError`.
    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListTags.html
    """
    pages: list[Mapping[str, Any]] = []
    parameters: dict[str, Any] = {"ResourceArn": arn}
    tokens: list[Any] = []
    while len(pages) < MAX_PAGES:
        deadline.check(TAGS.operation)
        page = await sagemaker.call(region, TAGS.operation, **parameters)
        pages.append(page)
        token = page.get("NextToken")
        if not token:
            return _merge_pages(pages, region)
        if token in tokens:
            message = "AWS answered ListTags with a token that it had given before."
            raise unreadable(TAGS.operation, region, message)
        tokens.append(token)
        parameters["NextToken"] = token
    message = "AWS answered ListTags with more pages than there can be."
    raise unreadable(TAGS.operation, region, message)


def _merge_pages(pages: list[Mapping[str, Any]], region: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for page in pages:
        tags = page.get("Tags")
        if not isinstance(tags, list):
            raise unreadable(TAGS.operation, region, "AWS answered ListTags without tags.")
        for tag in tags:
            if isinstance(tag, Mapping) and isinstance(tag.get("Key"), str):
                found[tag["Key"]] = tag.get("Value")
    return found
