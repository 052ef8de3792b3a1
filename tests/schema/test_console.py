"""The console's page of a resource, as a field that costs no AWS call."""

from typing import TYPE_CHECKING, Any

import pytest

from gateway.schema.registry import RESOURCES
from tests.aws_answers import PROCESSING, TRAINING, arn, processing_job, training_job
from tests.conftest import Put
from tests.gateway_under_test import Gateway

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio

PLACE = "https://eu-west-1.console.aws.amazon.com/sagemaker/home?region=eu-west-1#"


async def test_page_of_each_kind(gateway: Gateway, twin: "Twin") -> None:
    """Jobs of most kinds have pages under their names; two kinds have none."""
    pages: dict[str, Any] = {}
    for resource in RESOURCES:
        name, answer = next(iter(twin.answers(resource.describe).items()))
        query = "query ($id: ID!) { node(id: $id) { ... on %s { consoleUrl } } }"
        data = await gateway.data(query % resource.type_name, id=answer[resource.arn])
        page = data["node"]["consoleUrl"]
        pages[resource.type_name] = page and page.replace(name, "NAME")

    assert pages == {
        "ProcessingJob": f"{PLACE}/processing-jobs/NAME",
        "TrainingJob": f"{PLACE}/jobs/NAME",
        "AutoMLJob": None,
        "MonitoringSchedule": None,
        "TransformJob": f"{PLACE}/transform-jobs/NAME",
        "HyperParameterTuningJob": f"{PLACE}/hyper-tuning-jobs/NAME",
    }


async def test_page_of_a_link_has_the_job_s_own_name(
    gateway: Gateway, twin: "Twin", put: Put
) -> None:
    """AWS links by ARNs in lower case at times; the page is that of the name as it is spelled."""
    put(TRAINING, training_job("Training"))
    link = arn("training-job", "Training").lower()
    put(PROCESSING, processing_job("job", TrainingJobArn=link))

    data = await gateway.data(
        '{ processingJob(name: "job") { consoleUrl trainingJob { consoleUrl } } }'
    )

    assert data["processingJob"]["consoleUrl"] == f"{PLACE}/processing-jobs/job"
    assert data["processingJob"]["trainingJob"]["consoleUrl"] == f"{PLACE}/jobs/Training"


async def test_page_is_the_same_by_link_and_by_name(gateway: Gateway, twin: "Twin") -> None:
    """However much is selected of a link, its page is the same."""
    name = twin.examples()["processingJob"]
    data = await gateway.data(
        """query ($name: String!) { processingJob(name: $name) {
          a: trainingJob { consoleUrl }
          b: trainingJob { consoleUrl trainingJobStatus }
        } }""",
        name=name,
    )

    job = data["processingJob"]
    assert job["a"]["consoleUrl"] == job["b"]["consoleUrl"]
    assert job["b"]["consoleUrl"].startswith(f"{PLACE}/jobs/")
    assert twin.calls() == {PROCESSING: 1, TRAINING: 1}
