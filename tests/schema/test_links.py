"""Links lead to the resource whose ARN they hold, and fail alone."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from graphql import GraphQLObjectType, GraphQLUnionType, get_named_type

from gateway.schema.fields import field_name
from gateway.schema.registry import RESOURCES
from gateway.schema.root_fields import MAX_NODES
from gateway.schema.schema import CORE_SCHEMA
from tests.aws_answers import (
    AUTO_ML,
    PROCESSING,
    SCHEDULE,
    STRANGER,
    TRAINING,
    TRANSFORM,
    arn,
    auto_ml_job,
    processing_job,
    schedule,
    training_job,
    transform_job,
)
from tests.conftest import Count, Put
from tests.gateway_under_test import Gateway

from .conformance import ADDED, LINKS

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio

ANY_JOB = """
  __typename
  ... on ProcessingJob { id creationTime }
  ... on TrainingJob { id creationTime }
  ... on TransformJob { id creationTime }
"""
ARNS = {name: field_name(arn) for (_, name), (arn, _) in LINKS.items()}
"""By the name of a link: the field next to it that holds the ARN."""


def walk(type_name: str) -> str:
    """Return the selection of every link in a type, each with its ARN next to it."""
    type_ = CORE_SCHEMA.type_map[type_name]
    selected = []
    for name, definition in type_.fields.items() if isinstance(type_, GraphQLObjectType) else ():
        named = get_named_type(definition.type)
        if (type_name, name) in LINKS:
            target = ANY_JOB if isinstance(named, GraphQLUnionType) else "id creationTime"
            selected.append(f"{ARNS[name]} {name} {{ {target} }}")
        elif (type_name, name) not in ADDED and (below := walk(named.name)):
            selected.append(f"{name} {{ {below} }}")
    return " ".join(selected)


def places(type_name: str, place: str) -> Iterator[str]:
    """Yield the place of every link in a type."""
    type_ = CORE_SCHEMA.type_map[type_name]
    for name, definition in type_.fields.items() if isinstance(type_, GraphQLObjectType) else ():
        if (type_name, name) in LINKS:
            yield f"{place}.{name}"
        elif (type_name, name) not in ADDED:
            yield from places(get_named_type(definition.type).name, f"{place}.{name}")


def links(value: Any, place: str) -> Any:
    """Yield each link of an answer: where it stands, the ARN next to it, what it led to."""
    if isinstance(value, list):
        for item in value:
            yield from links(item, place)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if ARNS.get(name) in value:
                yield f"{place}.{name}", value[ARNS[name]], inner
            else:
                yield from links(inner, f"{place}.{name}")


async def test_every_seeded_link_leads_where_it_says(
    gateway: Gateway, twin: "Twin", count: Count
) -> None:
    """All links of all seeded resources are followed, and arrive at the resource of their ARN."""
    followed: Counter[str] = Counter()
    gone: list[str] = []
    for resource in RESOURCES:
        for region in twin.regions():
            ids = [
                answer[resource.arn] for answer in twin.answers(resource.describe, region).values()
            ]
            query = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {resource.type_name} {{"
            query += f"id {walk(resource.type_name)} }} }} }}"
            for start in range(0, len(ids), MAX_NODES):
                data = await gateway.data(query, ids=ids[start : start + MAX_NODES])
                for place, link, target in links(data["nodes"], resource.type_name):
                    if link is not None and target is None:
                        gone.append(link)
                    elif link is not None:
                        assert link in target.values(), place
                        followed[place] += 1
                    else:
                        assert target is None, place

    count("links followed", followed.total())
    expected = {place for each in RESOURCES for place in places(each.type_name, each.type_name)}
    assert followed.keys() == expected
    assert sum(followed.values()) > 200
    # The seed deletes some targets; AWS must not have them either.
    for link in set(gone):
        resource = next(r for r in RESOURCES if f":{r.arn_type}/" in link)
        names = twin.answers(resource.describe, link.split(":")[3])
        assert link.rpartition("/")[2] not in names, link


TRAINING_OF = '{ processingJob(name: "job") { processingJobName trainingJob { %s } } }'


async def test_link_without_an_arn_is_null(gateway: Gateway, twin: "Twin", put: Put) -> None:
    """A job that belongs to nothing has null links, at no cost."""
    put(PROCESSING, processing_job("job"))

    data = await gateway.data(TRAINING_OF % "trainingJobStatus")

    assert data == {"processingJob": {"processingJobName": "job", "trainingJob": None}}
    assert twin.calls() == {PROCESSING: 1}


async def test_link_whose_target_is_gone_is_null(gateway: Gateway, put: Put) -> None:
    """A target that AWS no longer has is null without an error, its ARN still there to read."""
    gone = arn("training-job", "gone")
    put(PROCESSING, processing_job("job", TrainingJobArn=gone))

    data = await gateway.data(
        '{ processingJob(name: "job") { trainingJobArn trainingJob { trainingJobStatus } } }'
    )

    assert data == {"processingJob": {"trainingJobArn": gone, "trainingJob": None}}


async def test_link_to_another_account_is_null(gateway: Gateway, put: Put) -> None:
    """A job of the same name in the gateway's own account is not taken for another account's."""
    put(TRAINING, training_job("training"))
    link = arn("training-job", "training", account=STRANGER)
    put(PROCESSING, processing_job("job", TrainingJobArn=link))

    data = await gateway.data(TRAINING_OF % "trainingJobStatus")

    assert data["processingJob"]["trainingJob"] is None


async def test_link_goes_to_the_region_in_its_arn(gateway: Gateway, twin: "Twin", put: Put) -> None:
    """A link is followed where its ARN says, not where the job is that holds it."""
    put(TRAINING, training_job("training", "Failed"))
    put(TRAINING, training_job("training", "Stopped", region="us-west-2"), "us-west-2")
    link = arn("training-job", "training", region="us-west-2")
    put(PROCESSING, processing_job("job", TrainingJobArn=link))

    data = await gateway.data(TRAINING_OF % "id trainingJobStatus")

    assert data["processingJob"]["trainingJob"] == {"id": link, "trainingJobStatus": "STOPPED"}
    assert twin.calls() == {PROCESSING: 1, TRAINING: 1}


async def test_link_to_a_region_that_is_not_served_fails_alone(gateway: Gateway, put: Put) -> None:
    """An ARN that the gateway cannot follow is AWS's doing: an upstream error at the link."""
    link = arn("training-job", "training", region="mars-north-1")
    put(PROCESSING, processing_job("job", TrainingJobArn=link))

    answer = await gateway.query(TRAINING_OF % "trainingJobStatus")

    assert answer.data == {"processingJob": {"processingJobName": "job", "trainingJob": None}}
    assert answer.codes == ["UPSTREAM_UNAVAILABLE"]
    assert answer.error["path"] == ["processingJob", "trainingJob"]


@pytest.mark.parametrize("text", ["training", "arn:aws:sagemaker"])
@pytest.mark.parametrize("selection", ["id", "trainingJobStatus"])
async def test_malformed_link_fails_alone(
    gateway: Gateway, put: Put, text: str, selection: str
) -> None:
    """An ARN that is none is an upstream error at the link, and the job stays."""
    put(PROCESSING, processing_job("job", TrainingJobArn=text))

    answer = await gateway.query(TRAINING_OF % selection)

    assert answer.data == {"processingJob": {"processingJobName": "job", "trainingJob": None}}
    assert answer.codes == ["UPSTREAM_UNAVAILABLE"]
    assert answer.error["path"] == ["processingJob", "trainingJob"]


@pytest.mark.parametrize("selection", ["id", "trainingJobStatus"])
@pytest.mark.parametrize("text", ["", " ", "\t\n"])
async def test_blank_arn_is_no_link(gateway: Gateway, put: Put, text: str, selection: str) -> None:
    """A blank text where an ARN could be is an absent link, without an error."""
    put(PROCESSING, processing_job("job", TrainingJobArn=text))

    data = await gateway.data(TRAINING_OF % selection)

    assert data["processingJob"]["trainingJob"] is None


async def test_link_that_aws_denies_fails_alone(gateway: Gateway, twin: "Twin", put: Put) -> None:
    """A link that may not be read is null with a coded error at its path; its siblings stay."""
    put(TRAINING, training_job("training"))
    put(AUTO_ML, auto_ml_job("automl"))
    put(SCHEDULE, schedule("plan"))
    links = {
        "TrainingJobArn": arn("training-job", "training"),
        "AutoMLJobArn": arn("automl-job", "automl"),
        "MonitoringScheduleArn": arn("monitoring-schedule", "plan"),
    }
    put(PROCESSING, processing_job("job", **links))
    twin.set_faults(errorRate=1, errorCode="AccessDeniedException", operations=[TRAINING])

    answer = await gateway.query(
        """{ job: processingJob(name: "job") {
          processingJobStatus
          source: trainingJob { trainingJobStatus }
          autoMLJob { autoMLJobStatus }
          monitoringSchedule { monitoringScheduleStatus }
        } }"""
    )

    assert answer.data == {
        "job": {
            "processingJobStatus": "COMPLETED",
            "source": None,
            "autoMLJob": {"autoMLJobStatus": "COMPLETED"},
            "monitoringSchedule": {"monitoringScheduleStatus": "SCHEDULED"},
        }
    }
    assert answer.codes == ["UPSTREAM_ACCESS_DENIED"]
    assert answer.error["path"] == ["job", "source"]


async def test_link_inside_a_list_fails_alone(gateway: Gateway, put: Put) -> None:
    """One broken link among several is an error at its index."""
    put(PROCESSING, processing_job("job"))
    rules = [
        {"RuleConfigurationName": "a", "RuleEvaluationJobArn": arn("processing-job", "job")},
        {"RuleConfigurationName": "b", "RuleEvaluationJobArn": "broken"},
        {"RuleConfigurationName": "c"},
    ]
    put(TRAINING, training_job("training", DebugRuleEvaluationStatuses=rules))

    answer = await gateway.query(
        """{ trainingJob(name: "training") { debugRuleEvaluationStatuses {
          ruleConfigurationName ruleEvaluationJob { processingJobStatus }
        } } }"""
    )

    assert answer.data["trainingJob"]["debugRuleEvaluationStatuses"] == [
        {
            "ruleConfigurationName": "a",
            "ruleEvaluationJob": {"processingJobStatus": "COMPLETED"},
        },
        {"ruleConfigurationName": "b", "ruleEvaluationJob": None},
        {"ruleConfigurationName": "c", "ruleEvaluationJob": None},
    ]
    assert answer.codes == ["UPSTREAM_UNAVAILABLE"]
    assert answer.error["path"] == [
        "trainingJob",
        "debugRuleEvaluationStatuses",
        1,
        "ruleEvaluationJob",
    ]


STEPS = f"""{{ autoMLJob(name: "automl") {{ bestCandidate {{ candidateSteps {{
  candidateStepArn candidateStepJob {{ {ANY_JOB} }}
}} }} }} }}"""


def candidate(*arns: str) -> dict[str, Any]:
    """Return an AutoML job whose best candidate took these steps."""
    steps = [
        {
            "CandidateStepType": "AWS::SageMaker::TrainingJob",
            "CandidateStepArn": text,
            "CandidateStepName": text.rpartition("/")[2],
        }
        for text in arns
    ]
    best = {"CandidateName": "best", "ObjectiveStatus": "Succeeded", "CandidateSteps": steps}
    return auto_ml_job("automl", BestCandidate=best)


async def test_step_of_a_candidate_is_a_job_of_any_kind(
    gateway: Gateway, twin: "Twin", put: Put
) -> None:
    """The job behind a step is a processing, training or transform job."""
    put(PROCESSING, processing_job("job"))
    put(TRAINING, training_job("training"))
    put(TRANSFORM, transform_job("batch"))
    arns = [
        arn("processing-job", "job"),
        arn("training-job", "training"),
        arn("transform-job", "batch"),
    ]
    put(AUTO_ML, candidate(*arns))

    steps = (await gateway.data(STEPS))["autoMLJob"]["bestCandidate"]["candidateSteps"]

    jobs = [step["candidateStepJob"] for step in steps]
    assert [job["__typename"] for job in jobs] == ["ProcessingJob", "TrainingJob", "TransformJob"]
    assert twin.calls() == {AUTO_ML: 1, PROCESSING: 1, TRAINING: 1, TRANSFORM: 1}


async def test_step_of_a_kind_that_the_schema_lacks_is_null(gateway: Gateway, put: Put) -> None:
    """A step that AWS carries out in some new way has its ARN and no job."""
    put(AUTO_ML, candidate(arn("pipeline-execution", "new")))

    (step,) = (await gateway.data(STEPS))["autoMLJob"]["bestCandidate"]["candidateSteps"]

    assert step == {
        "candidateStepArn": arn("pipeline-execution", "new"),
        "candidateStepJob": None,
    }
