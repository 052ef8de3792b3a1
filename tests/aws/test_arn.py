"""ARNs as values: what parses, that what is printed parses to the same, and console pages."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.aws.arn import Arn, ArnError, console_page
from tests.aws_answers import ACCOUNT, arn

HOME: Final = "/sagemaker/home?region="
WORD = st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True)
ARNS = st.builds(
    Arn,
    partition=st.from_regex(r"aws(-[a-z]{1,4}){0,2}", fullmatch=True),
    service=WORD,
    region=st.just("") | WORD,
    account=st.just("") | st.from_regex(r"[0-9]{12}", fullmatch=True),
    type=st.from_regex(r"[a-z-]{1,20}", fullmatch=True),
    name=st.from_regex(r"[!-~]{1,256}", fullmatch=True),
)


@given(ARNS)
def test_printed_arn_parses_to_itself(value: Arn) -> None:
    """An ARN that was printed and parsed is the same ARN."""
    assert Arn.parse(str(value)) == value


@given(ARNS)
def test_case_matters_in_the_name_only(value: Arn) -> None:
    """AWS changes the case of ARNs at times; names are the one part where it could matter."""
    text = str(value)
    head = text.removesuffix(value.name).upper()

    assert Arn.parse(head + value.name) == value


@given(st.text())
def test_any_text_parses_or_is_refused(text: str) -> None:
    """Whatever the text, parsing it gives an ARN that prints as the text, or `ArnError`."""
    try:
        value = Arn.parse(text)
    except ArnError:
        return
    assert str(value).lower() == text.lower()


def test_parts() -> None:
    """The parts are where they belong."""
    value = Arn.parse(arn("processing-job", "My-Job"))

    assert value == Arn("aws", "sagemaker", "eu-west-1", ACCOUNT, "processing-job", "My-Job")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "arn",
        "arn:aws",
        " " + arn("processing-job", "job"),
        arn("processing-job", "job") + "\n",
        arn("processing-job", "two words"),
        arn("processing-job", "j\xf6b"),
        arn("processing-job", "a" * 257),
        arn("processing-job", ""),
        arn("", "job"),
        arn("processing-job", "job", account="1234"),
        arn("processing-job", "job", account="\N{ARABIC-INDIC DIGIT ONE}" * 12),
        arn("processing-job", "job", partition="aw\N{LATIN SMALL LETTER LONG S}"),
        arn("processing-job", "job", partition="azure"),
        "arn:aws:s3:::bucket",
        "arn:aws:iam::123456789012:root",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    """What does not name a resource by type and name is no ARN of ours."""
    with pytest.raises(ArnError, match="not an ARN of the form"):
        Arn.parse(text)


def test_long_nonsense_is_refused_fast() -> None:
    """A text made to keep the pattern busy is refused in no time."""
    with pytest.raises(ArnError):
        Arn.parse("arn:aws" + "-a" * 100_000 + ":" + "a-" * 100_000)


@pytest.mark.parametrize(
    ("partition", "region", "host"),
    [
        ("aws", "eu-west-1", "eu-west-1.console.aws.amazon.com"),
        ("aws", "us-east-1", "us-east-1.console.aws.amazon.com"),
        ("aws-cn", "cn-north-1", "console.amazonaws.cn"),
        ("aws-us-gov", "us-gov-west-1", "console.amazonaws-us-gov.com"),
    ],
)
def test_host_is_that_of_the_partition(partition: str, region: str, host: str) -> None:
    """Each public partition has a console of its own, and the page is in the ARN's region."""
    text = arn("processing-job", "job", region=region, partition=partition)

    assert (
        console_page(text, "job", "processing-jobs")
        == f"https://{host}{HOME}{region}#/processing-jobs/job"
    )


@pytest.mark.parametrize(
    "text",
    [
        arn("training-job", "job", region="us-iso-east-1", partition="aws-iso"),
        arn("training-job", "job", region=""),
        arn("training-job", "job", service="batch"),
        "",
        "job",
    ],
)
def test_other_arns_have_no_page(text: str) -> None:
    """Where no public console shows a resource, there is no address rather than a guess."""
    assert console_page(text, "job", "jobs") is None


def test_name_cannot_break_out_of_its_place() -> None:
    """What a job's name cannot hold is escaped."""
    page = console_page(arn("training-job", "x"), 'a/b?c#d"e', "jobs")

    assert page is not None
    assert page.endswith("#/jobs/a%2Fb%3Fc%23d%22e")


def test_case_of_an_arn_does_not_matter() -> None:
    """AWS changes the case of ARNs at times; names keep theirs."""
    text = "ARN:AWS:SageMaker:EU-WEST-1:123456789012:Training-Job/Job"

    lower = arn("training-job", "job")
    assert console_page(text, "Job", "jobs") == console_page(lower, "Job", "jobs")
