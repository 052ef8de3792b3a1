"""ListTags, AddTags and DeleteTags through boto3."""

from typing import Any

import pytest

from gateway.twin import Twin
from tests.twin.conftest import all_pages, connect, error_of

ARNS = {
    "DescribeProcessingJob": "ProcessingJobArn",
    "DescribeTrainingJob": "TrainingJobArn",
    "DescribeAutoMLJobV2": "AutoMLJobArn",
    "DescribeMonitoringSchedule": "MonitoringScheduleArn",
    "DescribeTransformJob": "TransformJobArn",
    "DescribeHyperParameterTuningJob": "HyperParameterTuningJobArn",
}


def test_all_kinds_have_tags(twin: Twin, client: Any) -> None:
    """Resources of each kind have tags, some of them none."""
    for operation, member in ARNS.items():
        counts = set()
        for answer in list(twin.answers(operation).values())[:20]:
            tags = client.list_tags(ResourceArn=answer[member])["Tags"]
            counts.add(len(tags))
            assert len({tag["Key"] for tag in tags}) == len(tags)

        assert {0} < counts


def test_tags_are_paged(twin: Twin, client: Any) -> None:
    """Many tags come on several pages, each tag once."""
    arn = twin.answers("DescribeTrainingJob")["churn-xgboost-training"]["TrainingJobArn"]
    twin.set_faults(pageSize=20)
    tags = all_pages(client.list_tags, "Tags", ResourceArn=arn)

    assert 44 <= len(tags) <= 50
    assert twin.calls() == {"ListTags": 3}
    assert [tag["Key"] for tag in tags] == sorted({tag["Key"] for tag in tags})


def test_tags_of_nothing(client: Any) -> None:
    """Tags of a resource that does not exist, or under an ARN that is not its own, are refused."""
    for account, name in (("123456789012", "no-such-job"), ("1" * 12, "churn-xgboost-training")):
        arn = f"arn:aws:sagemaker:eu-west-1:{account}:training-job/{name}"

        assert error_of(client.list_tags, ResourceArn=arn)[0] == "ValidationException"


@pytest.mark.parametrize("operation", ARNS)
def test_tags_are_added_and_deleted(moving: Twin, operation: str) -> None:
    """Tags of seeded resources of each kind can be added, changed and deleted."""
    client = connect(moving)
    arn = next(iter(moving.answers(operation).values()))[ARNS[operation]]
    before = client.list_tags(ResourceArn=arn)["Tags"]
    added = {"Key": "added", "Value": "1"}
    answer = client.add_tags(ResourceArn=arn, Tags=[added])
    client.add_tags(ResourceArn=arn, Tags=[{**added, "Value": "2"}])
    changed = client.list_tags(ResourceArn=arn)["Tags"]
    client.delete_tags(ResourceArn=arn, TagKeys=["added", "never-there"])
    after = client.list_tags(ResourceArn=arn)["Tags"]
    client.close()

    assert added in answer["Tags"]
    assert [tag for tag in changed if tag["Key"] == "added"] == [{"Key": "added", "Value": "2"}]
    assert after == before


def test_search_sees_added_tags(moving: Twin) -> None:
    """Search finds a training job by a tag that was added to it, and shows the tag."""
    client = connect(moving)
    arn = moving.answers("DescribeTrainingJob")["local-ranker-training"]["TrainingJobArn"]
    has_tag = {"Filters": [{"Name": "Tags.added", "Operator": "Equals", "Value": "1"}]}
    client.search(Resource="TrainingJob")
    client.add_tags(ResourceArn=arn, Tags=[{"Key": "added", "Value": "1"}])
    found = client.search(Resource="TrainingJob", SearchExpression=has_tag)["Results"]
    client.close()

    assert [each["TrainingJob"]["TrainingJobArn"] for each in found] == [arn]
    assert {"Key": "added", "Value": "1"} in found[0]["TrainingJob"]["Tags"]


def test_tags_have_a_limit(moving: Twin) -> None:
    """More than 50 tags on a resource are refused, and none of them is added."""
    client = connect(moving)
    arn = moving.answers("DescribeTrainingJob")["churn-xgboost-training"]["TrainingJobArn"]
    before = all_pages(client.list_tags, "Tags", ResourceArn=arn)
    tags = [{"Key": f"more-{number}", "Value": ""} for number in range(40)]
    code = error_of(client.add_tags, ResourceArn=arn, Tags=tags)[0]
    after = all_pages(client.list_tags, "Tags", ResourceArn=arn)
    client.close()

    assert code == "ValidationException"
    assert after == before
