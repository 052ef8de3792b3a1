"""AWS answers with ARNs in lower case where names are not: nothing takes the ARN's spelling."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.aws.stub import Request, Response, stub
from tests.aws_answers import PROCESSING, TRAINING, arn, processing_job, training_job
from tests.clocks import NOW
from tests.conftest import Put, StartGateway
from tests.gateway_under_test import Gateway

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio

NAME = "Team-Train-PoorWeightInitialization"
LOWER = arn("training-job", NAME).lower()
EXECUTORS = ["", "__schema { __typename }"]


def lower_cased(**more: Any) -> dict[str, Any]:
    """Return a training job whose describe has its ARN in lower case."""
    return training_job(NAME, **{**more, "TrainingJobArn": LOWER})


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("fields", ["trainingJobName", "trainingJobName trainingJobStatus"])
async def test_name_behind_a_link_is_the_job_s_own(
    gateway: Gateway, put: Put, executor: str, fields: str
) -> None:
    """It is the same whatever else is selected."""
    put(TRAINING, lower_cased())
    put(PROCESSING, processing_job("job", TrainingJobArn=LOWER))

    data = await gateway.data(
        f'{{ processingJob(name: "job") {{ trainingJob {{ {fields} }} }} {executor} }}'
    )

    assert data["processingJob"]["trainingJob"]["trainingJobName"] == NAME


async def test_arn_behind_a_link_costs_no_call(gateway: Gateway, put: Put, twin: "Twin") -> None:
    """The id and the ARN are what AWS linked by."""
    put(PROCESSING, processing_job("job", TrainingJobArn=LOWER))

    data = await gateway.data(
        '{ processingJob(name: "job") { trainingJob { id trainingJobArn __typename } } }'
    )

    link = data["processingJob"]["trainingJob"]
    assert link == {"id": LOWER, "trainingJobArn": LOWER, "__typename": "TrainingJob"}
    assert twin.calls() == {PROCESSING: 1}


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize(
    ("linked", "calls"),
    [
        (arn("training-job", "Team-1"), 0),
        (arn("training-job", "2024-01"), 0),
        (arn("training-job", "Team-1").lower(), 1),
        (arn("training-job", "Team-1").upper(), 1),
    ],
)
async def test_name_is_taken_from_an_arn_with_capitals(
    gateway: Gateway, put: Put, twin: "Twin", executor: str, linked: str, calls: int
) -> None:
    """An ARN that has capitals in its name alone is spelled as the job: its name costs no call."""
    name = "2024-01" if "2024-01" in linked else "Team-1"
    put(TRAINING, training_job(name, TrainingJobArn=linked))
    put(PROCESSING, processing_job("job", TrainingJobArn=linked))

    data = await gateway.data(
        f'{{ processingJob(name: "job") {{ trainingJob {{ trainingJobName }} }} {executor} }}'
    )

    assert data["processingJob"]["trainingJob"]["trainingJobName"] == name
    assert twin.calls().get(TRAINING, 0) == calls


async def test_row_s_name_is_known_when_its_id_is_asked_for(gateway: Gateway, put: Put) -> None:
    """A list taught the gateway how the name is spelled; AWS is asked by that name."""
    put(TRAINING, lower_cased())
    rows = await gateway.data("{ trainingJobs(first: 100) { nodes { id trainingJobName } } }")
    (listed,) = [row for row in rows["trainingJobs"]["nodes"] if row["trainingJobName"] == NAME]

    data = await gateway.data(
        "query ($id: ID!) { node(id: $id) { ... on TrainingJob { trainingJobName roleArn } } }",
        id=listed["id"],
    )

    assert listed["id"] == LOWER
    assert data["node"]["trainingJobName"] == NAME


async def test_row_evicts_what_a_link_in_lower_case_led_to(gateway: Gateway, put: Put) -> None:
    """A job made anew under its name is read again once it is listed, however it was linked."""
    put(PROCESSING, processing_job("job", TrainingJobArn=LOWER))
    query = '{ processingJob(name: "job") { trainingJob { roleArn } } }'
    for role, age in (("old", 2), ("new", 1)):
        put(TRAINING, lower_cased(RoleArn=role, CreationTime=NOW - timedelta(seconds=age)))
        await gateway.data('{ trainingJobs(filter: {nameContains: "Team-"}) { nodes { id } } }')

        data = await gateway.data(query)

        assert data["processingJob"]["trainingJob"] == {"roleArn": role}
        gateway.clock.advance(2)


async def test_row_with_another_job_s_arn_teaches_no_name(
    start_gateway: StartGateway,
) -> None:
    """Only letter case may differ: the job of that ARN is still asked for by its own name."""
    other = training_job("other", CreationTime=1_700_000_000)

    def confuse(request: Request) -> Response:
        if request.operation == "ListTrainingJobs":
            rows = [{**other, "TrainingJobArn": arn("training-job", "job")}]
            return Response(200, json.dumps({"TrainingJobSummaries": rows}).encode())
        named = {"job": training_job("job", CreationTime=1_700_000_000), "other": other}
        return Response(200, json.dumps(named[request.parameters["TrainingJobName"]]).encode())

    with stub(confuse) as served:
        gateway = await start_gateway(endpoint_url=served.url)
        await gateway.data("{ trainingJobs(first: 5) { nodes { trainingJobName } } }")
        data = await gateway.data('{ trainingJob(name: "job") { trainingJobName roleArn } }')

    assert data["trainingJob"]["trainingJobName"] == "job"


def answer(request: Request) -> Response:
    """Answer as an AWS that lists ARNs in lower case and knows tags by the ARN's own letters."""
    job = training_job(NAME, CreationTime=1_700_000_000)
    if request.operation == "ListTrainingJobs":
        body: Any = {"TrainingJobSummaries": [{**job, "TrainingJobArn": LOWER}]}
    elif request.operation == "DescribeTrainingJob":
        body = job
    elif request.parameters == {"ResourceArn": arn("training-job", NAME)}:
        body = {"Tags": [{"Key": "team", "Value": "churn"}]}
    else:
        refusal = {"__type": "ValidationException", "message": "Resource does not exist."}
        return Response(400, json.dumps(refusal).encode())
    return Response(200, json.dumps(body).encode())


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("tags_filter", ["", ', filter: {tags: [{key: "team", value: "churn"}]}'])
async def test_tags_of_a_row_are_asked_as_the_describe_spells_the_arn(
    start_gateway: StartGateway, executor: str, tags_filter: str
) -> None:
    """Neither the field nor the filter takes the row's spelling for the ARN's own."""
    with stub(answer) as served:
        gateway = await start_gateway(endpoint_url=served.url)
        data = await gateway.data(
            f"{{ trainingJobs(first: 5{tags_filter}) {{ nodes {{ trainingJobName "
            f"tags {{ key value }} }} }} {executor} }}"
        )

    tags = [{"key": "team", "value": "churn"}]
    assert data["trainingJobs"]["nodes"] == [{"trainingJobName": NAME, "tags": tags}]
