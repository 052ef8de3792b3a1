"""ListTags is read to the end, and no further."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

import pytest

from gateway.aws.deadline import Deadline
from gateway.aws.errors import NotFound, Refused, Throttled, TimedOut, Unavailable
from gateway.aws.tags import MAX_PAGES, read_tags
from tests.aws_answers import arn

if TYPE_CHECKING:
    from gateway.aws.client import SageMaker

pytestmark = pytest.mark.anyio

ARN = arn("training-job", "job")


class Aws:
    """Answers with pages prepared in advance, the last one for ever."""

    def __init__(self, pages: Iterable[Mapping[str, Any] | Exception]) -> None:
        self._pages = list(pages)
        self.asked: list[Mapping[str, Any]] = []

    async def call(self, region: str, operation: str, **parameters: Any) -> Mapping[str, Any]:
        """Return the next page, or raise what stands in its place."""
        assert (region, operation) == ("eu-west-1", "ListTags")
        self.asked.append(parameters)
        page = self._pages.pop(0) if len(self._pages) > 1 else self._pages[0]
        if isinstance(page, Exception):
            raise page
        return page


async def read(aws: Aws, seconds: float = 60) -> dict[str, Any]:
    """Return the tags that the pages hold. Each page takes AWS a second."""
    deadline = Deadline(lambda: float(len(aws.asked)), seconds)
    return await read_tags(cast("SageMaker", aws), "eu-west-1", ARN, deadline)


def page(*keys: str, token: object = None) -> dict[str, Any]:
    """Return a page with tags of these keys."""
    tags = [{"Key": key, "Value": f"{key}!"} for key in keys]
    return {"Tags": tags} | ({} if token is None else {"NextToken": token})


async def test_pages_are_joined() -> None:
    """Each page is asked for with the token of the one before; an empty page is not the end."""
    aws = Aws([page("b", token="1"), page(token="2"), page("a")])

    tags = await read(aws)

    assert tags == {"a": "a!", "b": "b!"}
    assert len(aws.asked) == 3
    assert aws.asked[0] == {"ResourceArn": ARN}
    assert [asked.get("NextToken") for asked in aws.asked] == [None, "1", "2"]


@pytest.mark.parametrize("token", [None, ""])
async def test_no_token_is_the_end(token: str | None) -> None:
    """Without a token, or with an empty one, there is no page more."""
    aws = Aws([page("a", token=token)])

    assert (await read(aws)) == {"a": "a!"}
    assert len(aws.asked) == 1


async def test_pages_without_end_end() -> None:
    """Tokens that lead on for ever are given up after as many pages as there can be."""
    aws = Aws([page("a", token=str(number)) for number in range(2 * MAX_PAGES)])

    with pytest.raises(Unavailable, match="more pages"):
        await read(aws)

    assert len(aws.asked) == MAX_PAGES


async def test_slow_pages_end() -> None:
    """No page is asked for after the deadline."""
    aws = Aws([page("a", token=str(number)) for number in range(MAX_PAGES)])

    with pytest.raises(TimedOut, match="ListTags"):
        await read(aws, seconds=2)

    assert len(aws.asked) == 2


async def test_token_that_leads_back_is_an_error() -> None:
    """A token that AWS was asked with before is not followed again."""
    aws = Aws([page("a", token="again")])

    with pytest.raises(Unavailable, match="given before"):
        await read(aws)

    assert len(aws.asked) == 2


async def test_tokens_that_alternate_are_an_error() -> None:
    """Two pages that name each other as the next one are read once each."""
    aws = Aws([page(token="1"), page(token="2"), page(token="1"), page(token="2")])

    with pytest.raises(Unavailable, match="given before"):
        await read(aws)

    assert len(aws.asked) == 3


@pytest.mark.parametrize("tags", [None, "x", {"Key": "a"}])
async def test_page_without_tags_makes_no_sense(
    caplog: pytest.LogCaptureFixture, tags: object
) -> None:
    """An answer that holds no list of tags is not taken for one without tags, and is logged."""
    with pytest.raises(Unavailable, match="without tags"):
        await read(Aws([{"Tags": tags}]))

    (record,) = caplog.records
    assert record.message == "gateway.aws_answer_unreadable"
    assert record.__dict__["reason"] == "AWS answered ListTags without tags."


async def test_what_is_no_tag_is_left_out() -> None:
    """A tag needs a key; its value may be missing."""
    tags = [None, "x", {}, {"Key": 7, "Value": "x"}, {"Value": "x"}, {"Key": "a"}]

    assert (await read(Aws([{"Tags": tags}]))) == {"a": None}


@pytest.mark.parametrize("error", [NotFound("ListTags"), Throttled("AWS throttled ListTags.")])
async def test_failure_on_a_later_page_is_the_failure(error: Exception) -> None:
    """Half of the tags are none: what fails on the way fails as a whole."""
    with pytest.raises(type(error)):
        await read(Aws([page("a", token="1"), error]))


async def test_refusal_is_an_upstream_error() -> None:
    """AWS gave the ARN itself, so its refusal is not the client's fault."""
    with pytest.raises(Unavailable, match="refused"):
        await read(Aws([Refused("ListTags", "The ARN is invalid.")]))
