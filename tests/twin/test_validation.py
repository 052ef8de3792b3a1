"""Input checks and AWS's patterns."""

from typing import Any

import pytest
from botocore.session import get_session

from gateway.twin.errors import AwsError
from gateway.twin.model import compiled, matches
from gateway.twin.validation import check_input


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("DescribeTrainingJob", {"TrainingJobName": "a-1"}),
        ("ListTrainingJobs", {"CreationTimeAfter": 1.5, "MaxResults": 100}),
        ("ListTags", {"ResourceArn": "arn:aws:sagemaker:eu-west-1:123456789012:training-job/a"}),
        ("ListTrainingJobs", {"NextToken": None}),
    ],
)
def test_good_input_passes(operation: str, params: dict[str, Any]) -> None:
    """What the model allows is not complained about."""
    check_input(operation, params)


@pytest.mark.parametrize(
    ("operation", "params", "words"),
    [
        ("DescribeTrainingJob", {}, "Value null at 'trainingJobName'"),
        ("DescribeTrainingJob", {"TrainingJobName": "-"}, "regular expression pattern"),
        ("ListTrainingJobs", {"MaxResults": 0}, "value greater than or equal to 1"),
        ("ListTags", {"ResourceArn": "arn", "MaxResults": 5}, "2 validation errors detected"),
        (
            "Search",
            {"Resource": "TrainingJob", "SearchExpression": {"Filters": []}},
            (
                "'searchExpression.filters' failed to satisfy constraint: Member must have length "
                "greater than or equal to 1"
            ),
        ),
        (
            "CreateTrainingJob",
            {"HyperParameters": {"a": "b" * 3000}},
            "'hyperParameters.a' failed to satisfy constraint: Member must have length less",
        ),
        (
            "Search",
            {"Resource": "TrainingJob", "SearchExpression": {"Filters": [{}]}},
            "Value null at 'searchExpression.filters.1.member.name'",
        ),
    ],
)
def test_bad_input_is_named(operation: str, params: dict[str, Any], words: str) -> None:
    """Each broken constraint is reported with value, path and rule."""
    with pytest.raises(AwsError) as caught:
        check_input(operation, params)

    assert caught.value.code == "ValidationException"
    assert words in caught.value.message


@pytest.mark.parametrize(
    "params", [[], "text", {"MaxResults": "5"}, {"MaxResults": True}, {"NameContains": 5}]
)
def test_wrong_types_do_not_serialize(params: Any) -> None:
    """Values of another JSON type are a SerializationException."""
    with pytest.raises(AwsError) as caught:
        check_input("ListTrainingJobs", params)

    assert caught.value.code == "SerializationException"


def test_every_pattern_of_the_model_compiles() -> None:
    """SageMaker's Java patterns become Python patterns, but for a few that allow everything."""
    model = get_session().get_service_model("sagemaker")
    patterns = {model.shape_for(name).metadata.get("pattern") for name in model.shape_names}
    patterns.discard(None)

    assert len(patterns) > 100
    assert sum(compiled(pattern).pattern == r"[\s\S]*" for pattern in patterns) < 10


def test_patterns_match_as_a_whole() -> None:
    """A pattern has to match from the first to the last character, in any script it allows."""
    letters = r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)"

    assert matches(letters, "Größe 1 東京")
    assert not matches(letters, "no!")
    assert not matches("[a-z]+", "abc\n")
