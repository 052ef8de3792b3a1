"""ARNs as values: what parses, and that what is printed parses to the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.aws.arn import Arn, ArnError
from tests.aws_answers import ACCOUNT, arn

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
