"""How many calls an operation makes, counted where they arrive: at the twin."""

import asyncio
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from gateway.aws.resources import Resource
from gateway.schema.registry import decode
from tests.aws_answers import (
    AUTO_ML,
    PROCESSING,
    SCHEDULE,
    TRAINING,
    arn,
    auto_ml_job,
    processing_job,
    schedule,
    training_job,
)
from tests.clocks import TwinClock
from tests.conftest import Put, StartGateway
from tests.gateway_under_test import Gateway

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio

JOB = """{
  processingJob(name: "job") { processingJobStatus creationTime appSpecification { imageUri } }
}"""

LINKS = """{
  processingJob(name: "job") {
    processingJobStatus
    trainingJob { trainingJobStatus }
    autoMLJob { autoMLJobStatus }
    monitoringSchedule { monitoringScheduleStatus }
  }
}"""

ONE_EACH = {AUTO_ML: 1, SCHEDULE: 1, PROCESSING: 1, TRAINING: 1}


@pytest.fixture
def linked(put: Put) -> None:
    """Give the twin a processing job with all three links, and what they lead to."""
    put(TRAINING, training_job("training"))
    put(AUTO_ML, auto_ml_job("automl"))
    put(SCHEDULE, schedule("plan"))
    links = {
        "TrainingJobArn": arn("training-job", "training"),
        "AutoMLJobArn": arn("automl-job", "automl"),
        "MonitoringScheduleArn": arn("monitoring-schedule", "plan"),
    }
    put(PROCESSING, processing_job("job", **links))
    put(PROCESSING, processing_job("other", **links))


@pytest.mark.usefixtures("linked")
async def test_job_alone_is_one_call(gateway: Gateway, twin: "Twin") -> None:
    """A job's own fields take the one call that describes it."""
    await gateway.data(JOB)

    assert twin.calls() == {PROCESSING: 1}


@pytest.mark.usefixtures("linked")
async def test_fresh_job_is_no_call(gateway: Gateway, twin: "Twin") -> None:
    """The same operation again is answered from memory, and so is another one on the same job."""
    await gateway.data(JOB)
    twin.reset_calls()

    await gateway.data(JOB)
    await gateway.data("query ($n: String!) { processingJob(name: $n) { roleArn id } }", n="job")

    assert twin.calls() == {}


@pytest.mark.usefixtures("linked")
async def test_two_hundred_clients_at_once_are_one_call(gateway: Gateway, twin: "Twin") -> None:
    """Whoever comes while the call is under way waits for it and makes none."""
    answers = await asyncio.gather(*(gateway.data(JOB) for _ in range(200)))

    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["processingJob"]["processingJobStatus"] == "COMPLETED"
    assert twin.calls() == {PROCESSING: 1}


@pytest.mark.parametrize(
    "selection",
    [
        "trainingJobArn",
        "id __typename arn: trainingJobArn ...on TrainingJob { trainingJobArn } ...F",
        "id trainingJobStatus @include(if: false) ...F @skip(if: true)",
    ],
)
@pytest.mark.usefixtures("linked")
async def test_what_the_arn_says_is_no_call(gateway: Gateway, twin: "Twin", selection: str) -> None:
    """A link costs nothing as long as its ARN answers what is asked, however it is written."""
    query = f'{{ processingJob(name: "job") {{ trainingJob {{ {selection} }} }} }}'
    if "...F" in selection:
        query += " fragment F on TrainingJob { trainingJobArn }"

    job = (await gateway.data(query))["processingJob"]["trainingJob"]

    assert arn("training-job", "training") in job.values()
    assert twin.calls() == {PROCESSING: 1}


@pytest.mark.usefixtures("linked")
async def test_three_links_are_four_calls(gateway: Gateway, twin: "Twin") -> None:
    """Each link with a field that its ARN does not hold is one call more."""
    job = (await gateway.data(LINKS))["processingJob"]

    assert None not in job.values()
    assert twin.calls() == ONE_EACH


@pytest.mark.usefixtures("linked")
async def test_links_are_followed_in_parallel(
    gateway: Gateway, twin: "Twin", twin_clock: TwinClock
) -> None:
    """The three calls for the links are under way at once: each is answered when all are there."""
    await gateway.data(JOB)
    twin_clock.meet = threading.Barrier(3)

    job = (await gateway.data(LINKS))["processingJob"]

    assert None not in job.values()
    assert twin.calls() == ONE_EACH


@pytest.mark.usefixtures("linked")
async def test_root_fields_are_read_in_parallel(
    gateway: Gateway, twin: "Twin", twin_clock: TwinClock
) -> None:
    """Jobs that do not depend on each other are not read one after the other."""
    twin_clock.meet = threading.Barrier(3)

    data = await gateway.data(
        """{
          a: processingJob(name: "job") { processingJobStatus }
          b: processingJob(name: "other") { processingJobStatus }
          trainingJob(name: "training") { trainingJobStatus }
        }"""
    )

    assert None not in data.values()
    assert twin.calls() == {PROCESSING: 2, TRAINING: 1}


@pytest.mark.parametrize(
    "query",
    [
        """{ processingJob(name: "job") {
          a: trainingJob { trainingJobStatus }
          b: trainingJob { creationTime }
        } }""",
        """{
          a: processingJob(name: "job") { trainingJob { trainingJobStatus } }
          b: processingJob(name: "job") { trainingJob { trainingJobStatus creationTime } }
          trainingJob(name: "training") { trainingJobStatus }
        }""",
        """{
          processingJob(name: "job", region: "eu-west-1") { trainingJob { trainingJobStatus } }
          nodes(ids: [
            "arn:aws:sagemaker:eu-west-1:123456789012:processing-job/job"
            "arn:aws:sagemaker:eu-west-1:123456789012:training-job/training"
          ]) { id ... on ProcessingJob { trainingJob { roleArn } } }
        }""",
    ],
    ids=["aliases", "paths", "nodes"],
)
@pytest.mark.usefixtures("linked")
async def test_resource_reached_twice_is_one_call(
    gateway: Gateway, twin: "Twin", query: str
) -> None:
    """However often and on whatever paths an operation comes to a resource, it is read once."""
    await gateway.data(query)

    assert twin.calls() == {PROCESSING: 1, TRAINING: 1}


@pytest.mark.usefixtures("linked")
async def test_link_shared_by_two_jobs_is_one_call(gateway: Gateway, twin: "Twin") -> None:
    """Two jobs that lead to one training job read it once."""
    data = await gateway.data(
        """{
          a: processingJob(name: "job") { trainingJob { trainingJobStatus } }
          b: processingJob(name: "other") { trainingJob { trainingJobStatus } }
        }"""
    )

    assert data["a"] == data["b"]
    assert twin.calls() == {PROCESSING: 2, TRAINING: 1}


async def test_way_back_is_no_call(gateway: Gateway, twin: "Twin", put: Put) -> None:
    """A walk that comes back to where it began reads nothing twice."""
    rule = {
        "RuleConfigurationName": "LossNotDecreasing",
        "RuleEvaluationJobArn": arn("processing-job", "job"),
    }
    put(TRAINING, training_job("training", DebugRuleEvaluationStatuses=[rule]))
    put(PROCESSING, processing_job("job", TrainingJobArn=arn("training-job", "training")))

    data = await gateway.data(
        """{ processingJob(name: "job") { trainingJob { debugRuleEvaluationStatuses {
          ruleEvaluationJob { processingJobStatus trainingJob { trainingJobStatus } }
        } } } }"""
    )

    (status,) = data["processingJob"]["trainingJob"]["debugRuleEvaluationStatuses"]
    assert status["ruleEvaluationJob"]["trainingJob"] == {"trainingJobStatus": "COMPLETED"}
    assert twin.calls() == {PROCESSING: 1, TRAINING: 1}


async def test_missing_job_is_one_call(gateway: Gateway, twin: "Twin") -> None:
    """That a job is not there is known after one call, to all who ask at once and after."""
    await asyncio.gather(*(gateway.data(JOB) for _ in range(50)))
    await gateway.data(JOB)

    assert twin.calls() == {PROCESSING: 1}


@pytest.mark.parametrize(
    "query",
    [
        "{ __typename }",
        "{ __schema { types { name } } }",
        '{ __type(name: "ProcessingJob") { fields { name description } } }',
        "{ nope }",
        "{ processingJob { id } }",
        "{",
    ],
)
async def test_operation_about_the_schema_is_no_call(
    gateway: Gateway, twin: "Twin", query: str
) -> None:
    """Introspection and operations that are refused never reach AWS."""
    await gateway.query(query)

    assert twin.calls() == {}


@pytest.mark.usefixtures("linked")
async def test_answer_is_decoded_once(
    monkeypatch: pytest.MonkeyPatch, start_gateway: StartGateway
) -> None:
    """From an AWS answer to GraphQL values: once per answer, never once per request."""
    decoded: list[Resource] = []

    def counting(resource: Resource, answer: Mapping[str, Any]) -> object:
        decoded.append(resource)
        return decode(resource, answer)

    monkeypatch.setattr("gateway.app.decode", counting)
    gateway: Gateway = await start_gateway()

    for _ in range(3):
        await gateway.data(LINKS)
    await gateway.data(JOB)
    await gateway.data(LINKS.replace("processingJobStatus", "__typename exitMessage"))

    assert len(decoded) == len(set(decoded)) == 4


@pytest.mark.usefixtures("linked")
async def test_calls_in_flight_are_bounded(start_gateway: StartGateway, twin: "Twin") -> None:
    """With one call at a time allowed, everything is answered all the same."""
    gateway: Gateway = await start_gateway(aws_concurrency=1)

    job = (await gateway.data(LINKS))["processingJob"]

    assert None not in job.values()
    assert twin.calls() == ONE_EACH


async def test_link_back_is_no_second_call(
    start_gateway: StartGateway, twin: "Twin", put: Put
) -> None:
    """A job that an operation has read is not read again, even where nothing may be cached."""
    gateway = await start_gateway(
        fresh_finished=0, fresh_running=0, stale_while_revalidate=0, stale_if_error=0
    )
    steps = [{"CandidateStepArn": arn("processing-job", "first"), "CandidateStepName": "first"}]
    best = {"CandidateName": "best", "CandidateSteps": steps}
    put(AUTO_ML, auto_ml_job("automl", BestCandidate=best))
    put(PROCESSING, processing_job("first", AutoMLJobArn=arn("automl-job", "automl")))
    put(PROCESSING, processing_job("second"))

    await gateway.data(
        """{
          processingJob(name: "first") {
            autoMLJob { bestCandidate { candidateSteps {
              candidateStepJob { ... on ProcessingJob { roleArn } }
            } } }
          }
          second: processingJob(name: "second") { id }
        }"""
    )

    assert twin.calls() == {PROCESSING: 2, AUTO_ML: 1}
