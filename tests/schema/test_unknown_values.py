"""Words of AWS's that no enum value stands for: never lost, in no way of executing and sending."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.aws_answers import (
    AUTO_ML,
    PROCESSING,
    TRAINING,
    arn,
    auto_ml_job,
    processing_job,
    training_job,
)
from tests.conftest import Put
from tests.gateway_under_test import Gateway

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio

ONE = '{ trainingJob(name: "job") { status: secondaryStatus secondaryStatusText } %s }'
LINKED = """{ processingJob(name: "job") { processingJobStatus trainingJob {
  secondaryStatusTransitions { status statusText } } } %s }"""
INTROSPECTION = "__schema { __typename }"


@pytest.fixture(autouse=True)
def jobs(put: Put) -> None:
    """Put a training job with unknown words, and a processing job that links to it."""
    steps = [{"Status": "Starting"}, {"Status": "Dreaming"}]
    more: dict[str, Any] = {"SecondaryStatus": "Pondering", "SecondaryStatusTransitions": steps}
    put(TRAINING, training_job("job", "Completed", **more))
    put(PROCESSING, processing_job("job", "Waiting", TrainingJobArn=arn("training-job", "job")))


async def unknown(gateway: Gateway, query: str) -> Any:
    """Return the response's unknown values."""
    answer = await gateway.query(query)
    assert not answer.codes
    return answer.body.get("extensions", {}).get("unknownValues")


@pytest.mark.parametrize("executor", ["", INTROSPECTION])
async def test_word_is_told_with_its_path(gateway: Gateway, executor: str) -> None:
    """The first answer and those from the cache tell the path and AWS's word."""
    expected = [{"path": ["trainingJob", "status"], "value": "Pondering"}]

    for _ in range(3):
        assert await unknown(gateway, ONE % executor) == expected


@pytest.mark.parametrize("executor", ["", INTROSPECTION])
async def test_words_below_links_and_in_lists_are_told(gateway: Gateway, executor: str) -> None:
    """Each has its own path, whatever it was rendered from."""
    transitions = ["processingJob", "trainingJob", "secondaryStatusTransitions"]

    found = await unknown(gateway, LINKED % executor)

    assert sorted(found, key=str) == [
        {"path": ["processingJob", "processingJobStatus"], "value": "Waiting"},
        {"path": [*transitions, 1, "status"], "value": "Dreaming"},
    ]


async def test_text_field_has_the_word(gateway: Gateway) -> None:
    """It is null where the enum says as much."""
    data = await gateway.data(LINKED % "")
    one = await gateway.data(ONE % "")

    assert one["trainingJob"] == {"status": "UNKNOWN", "secondaryStatusText": "Pondering"}
    assert data["processingJob"]["trainingJob"]["secondaryStatusTransitions"] == [
        {"status": "STARTING", "statusText": None},
        {"status": "UNKNOWN", "statusText": "Dreaming"},
    ]


async def test_words_of_listed_rows_are_told(gateway: Gateway, twin: "Twin") -> None:
    """Rows that are not described tell theirs too."""
    query = """{ trainingJobs(first: 1, filter: {nameContains: "job"}, orderBy: {field: NAME,
      direction: ASCENDING}) { nodes { trainingJobName secondaryStatus } } }"""

    found = await unknown(gateway, query)

    assert found is None or found[0]["path"][:2] == ["trainingJobs", "nodes"]


async def test_every_part_of_a_stream_tells_its_own(gateway: Gateway) -> None:
    """A deferred part tells the words that it shows."""
    query = """{ processingJob(name: "job") { processingJobStatus
      ... @defer { trainingJob { secondaryStatus } } } }"""
    response = await gateway.http.post(
        "/graphql",
        json={"query": query},
        headers={"Accept": "multipart/mixed;incrementalSpec=v0.2, application/json"},
    )

    parts = [json.loads(line) for line in response.text.splitlines() if line.startswith("{")]
    words = [
        each["value"]
        for part in parts
        for each in part.get("extensions", {}).get("unknownValues", [])
    ]
    assert sorted(words) == ["Pondering", "Waiting"]


async def test_subscription_tells_it(gateway: Gateway, put: Put) -> None:
    """Each event has the words that it shows."""
    put(PROCESSING, processing_job("job", "Failed", TrainingJobArn=arn("training-job", "job")))
    query = 'subscription { processingJob(name: "job") { trainingJob { secondaryStatus } } }'
    response = await gateway.http.post(
        "/graphql", json={"query": query}, headers={"Accept": "text/event-stream"}
    )

    assert '"unknownValues":[{"path":["processingJob","trainingJob","secondaryStatus"]' in (
        response.text
    )


@pytest.mark.parametrize("executor", ["", INTROSPECTION])
@pytest.mark.parametrize(
    ("word", "member", "text"),
    [
        ("AUC", "AUC", None),
        ("validation:auc", "AUC", "validation:auc"),
        ("validation:f1_macro", "F1MACRO", "validation:f1_macro"),
        ("validation:balanced_accuracy", "BALANCED_ACCURACY", "validation:balanced_accuracy"),
        ("train:auc", "UNKNOWN", "train:auc"),
        ("validation:beauty", "UNKNOWN", "validation:beauty"),
    ],
)
async def test_metrics_of_older_jobs(
    gateway: Gateway, put: Put, executor: str, word: str, member: str, text: str | None
) -> None:
    """The first generation of AutoML jobs has words of its own for the same metrics."""
    score = {"MetricName": word, "Value": 0.9}
    best = {"CandidateName": "best", "FinalAutoMLJobObjectiveMetric": score}
    put(AUTO_ML, auto_ml_job("automl", BestCandidate=best))
    query = """{ autoMLJob(name: "automl") { bestCandidate { finalAutoMLJobObjectiveMetric {
      metricName metricNameText } } } %s }"""

    answer = await gateway.query(query % executor)

    metric = answer.data["autoMLJob"]["bestCandidate"]["finalAutoMLJobObjectiveMetric"]
    assert metric == {"metricName": member, "metricNameText": text}
    assert ("unknownValues" in str(answer.body)) == (member == "UNKNOWN")
