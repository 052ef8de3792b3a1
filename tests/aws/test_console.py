"""The console's page of a resource, by its ARN alone."""

from typing import Final

import pytest

from gateway.aws.console import console_page
from gateway.aws.resources import RESOURCES
from tests.aws_answers import arn

HOME: Final = "/sagemaker/home?region="


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

    assert console_page(text) == f"https://{host}{HOME}{region}#/processing-jobs/job"


def test_page_is_that_of_the_kind() -> None:
    """Processing and training jobs have pages; AutoML jobs and schedules have none by their ARN."""
    found = {each.type_name: console_page(arn(each.arn_type, "x-1")) for each in RESOURCES}

    place = f"https://eu-west-1.console.aws.amazon.com{HOME}eu-west-1"
    assert found == {
        "ProcessingJob": f"{place}#/processing-jobs/x-1",
        "TrainingJob": f"{place}#/jobs/x-1",
        "AutoMLJob": None,
        "MonitoringSchedule": None,
    }


@pytest.mark.parametrize(
    "text",
    [
        arn("training-job", "job", region="us-iso-east-1", partition="aws-iso"),
        arn("training-job", "job", region=""),
        arn("training-job", "job", service="batch"),
        arn("transform-job", "job"),
        "",
        "job",
    ],
)
def test_other_arns_have_no_page(text: str) -> None:
    """Where no public console shows a resource, there is no address rather than a guess."""
    assert console_page(text) is None


def test_name_cannot_break_out_of_its_place() -> None:
    """What an ARN can hold and a job's name cannot is escaped."""
    page = console_page(arn("training-job", 'a/b?c#d"e'))

    assert page is not None
    assert page.endswith("#/jobs/a%2Fb%3Fc%23d%22e")


def test_case_of_an_arn_does_not_matter() -> None:
    """AWS changes the case of ARNs at times; names keep theirs."""
    text = "ARN:AWS:SageMaker:EU-WEST-1:123456789012:Training-Job/Job"

    assert console_page(text) == console_page(arn("training-job", "Job"))
