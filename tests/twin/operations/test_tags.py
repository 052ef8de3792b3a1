"""ListTags through boto3."""

from typing import Any

from gateway.twin import Twin
from tests.twin.conftest import all_pages, error_of

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
