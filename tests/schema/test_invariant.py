"""The invariant above all others: the gateway's answer equals boto3's, field by field."""

import copy
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import botocore.session
import pytest
from botocore import xform_name

from gateway.aws.resources import Resource
from gateway.schema.fields import field_name
from gateway.schema.registry import RESOURCES
from gateway.schema.root_fields import MAX_NODES
from gateway.schema.schema import CORE_SCHEMA
from gateway.schema.types.processing_job import PROCESSING_JOB
from tests.conftest import BotoClients, Count
from tests.gateway_under_test import Gateway

from .boto3_comparison import Equality, every_field
from .conformance import compare

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio

MODEL: Any = botocore.session.Session().get_service_model("sagemaker")
SHAPES = {resource: MODEL.operation_model(resource.describe).output_shape for resource in RESOURCES}


NEVER_DESCRIBED: Final = {("HyperParameterTrainingJobSummary", "failureReason")}
"""What rows alone hold: the best training job, which is described, has not failed."""


class Described(NamedTuple):
    """One seeded resource, as boto3 describes it."""

    resource: Resource
    region: str
    name: str
    answer: dict[str, Any]


@pytest.fixture(scope="session")
def described(session_twin: "Twin", boto: BotoClients) -> list[Described]:
    """Return what boto3 says of every seeded resource, of all kinds and in all regions."""
    session_twin.clear_faults()
    return [
        Described(resource, region, name, describe(boto(region), resource, name))
        for resource in RESOURCES
        for region in session_twin.regions()
        for name in session_twin.answers(resource.describe, region)
    ]


def describe(client: Any, resource: Resource, name: str) -> dict[str, Any]:
    """Return boto3's answer to the describe call of a resource."""
    method = getattr(client, xform_name(resource.describe))
    answer: dict[str, Any] = method(**{resource.name: name})
    del answer["ResponseMetadata"]
    return answer


def check(equality: Equality, job: Described, got: Any) -> None:
    """Compare one resource."""
    equality.resource(
        job.resource.type_name, SHAPES[job.resource], job.resource.arn, job.answer, got
    )


def test_seed_has_every_kind_in_every_region(described: list[Described]) -> None:
    """The comparison covers two regions and all kinds, hundreds of resources in all."""
    places = {(job.resource.type_name, job.region) for job in described}

    assert len({job.region for job in described}) == 2
    assert len(places) == 2 * len(RESOURCES)
    assert sum(job.resource is PROCESSING_JOB for job in described) >= 200


async def test_by_name_every_field_equals_boto3_s(
    gateway: Gateway, described: list[Described], count: Count
) -> None:
    """Asked by name and region, the gateway answers exactly what AWS does, in every field."""
    equality = Equality()
    for job in described:
        root = field_name(job.resource.type_name)
        query = f"query ($name: String!, $region: String) {{ {root}(name: $name, region: $region)"
        query += f"{every_field(job.resource.type_name)} }}"
        data = await gateway.data(query, name=job.name, region=job.region)
        check(equality, job, data[root])

    count("invariant: resources compared", len(described))
    count("invariant: values compared by name", equality.values)
    count("invariant: of these not null", equality.values_present)
    assert equality.differences == []
    assert never_seen(equality) == set()
    assert equality.values > 50_000
    assert equality.values_present > 25_000


async def test_by_id_every_field_equals_boto3_s(
    gateway: Gateway, described: list[Described], count: Count
) -> None:
    """Asked by ARN alone, the gateway answers with exactly what AWS answers boto3."""
    equality = Equality()
    for resource in RESOURCES:
        type_name = resource.type_name
        query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on "
        query += f"{type_name} {every_field(type_name)} }} }}"
        jobs = [job for job in described if job.resource is resource]
        for few in slices(jobs, MAX_NODES):
            ids = [job.answer[resource.arn] for job in few]
            data = await gateway.data(query, ids=ids)
            for job, got in zip(few, data["nodes"], strict=True):
                assert got.pop("__typename") == type_name
                check(equality, job, got)

    count("invariant: values compared by id", equality.values)
    assert equality.differences == []
    assert equality.values > 50_000


def slices(items: list[Described], size: int) -> Iterator[list[Described]]:
    """Yield the items in order, `size` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


async def test_one_node_equals_boto3_s(gateway: Gateway, described: list[Described]) -> None:
    """`node(id:)` answers as `nodes(ids:)` does, in the region of the ARN."""
    equality = Equality()
    for job in {(job.resource, job.region): job for job in described}.values():
        type_name = job.resource.type_name
        query = f"query ($id: ID!) {{ node(id: $id) {{ ... on {type_name} {every_field(type_name)}"
        data = await gateway.data(query + " } }", id=job.answer[job.resource.arn])
        check(equality, job, data["node"])

    assert equality.differences == []
    assert equality.values > 500


def never_seen(equality: Equality) -> set[tuple[str, str]]:
    """Return the fields and enum values of the schema that no compared answer held."""
    walked = compare(CORE_SCHEMA, MODEL)
    fields = {place for place in walked.fields - NEVER_DESCRIBED if place[1] != "id"}
    values = {(name, value) for name in walked.enums for value in MODEL.shape_for(name).enum}
    return (fields - equality.present) | (values - equality.enum_values)


def _drop(answer: dict[str, Any]) -> None:
    del answer["ProcessingJobName"]


def _later(answer: dict[str, Any]) -> None:
    answer["CreationTime"] += timedelta(milliseconds=1)


def _more_text(answer: dict[str, Any]) -> None:
    answer["ProcessingResources"]["ClusterConfig"]["InstanceType"] += "x"


def _other_status(answer: dict[str, Any]) -> None:
    answer["ProcessingJobStatus"] = "Stopping"


def _text_for_number(answer: dict[str, Any]) -> None:
    cluster = answer["ProcessingResources"]["ClusterConfig"]
    cluster["InstanceCount"] = bool(cluster["InstanceCount"])


def _one_more_input(answer: dict[str, Any]) -> None:
    answer["ProcessingInputs"].append(answer["ProcessingInputs"][0])


def _other_pair(answer: dict[str, Any]) -> None:
    answer["Environment"] = {"A": "b"}


@pytest.mark.parametrize(
    "change",
    [_drop, _later, _more_text, _other_status, _text_for_number, _one_more_input, _other_pair],
)
async def test_comparison_sees_a_change(
    gateway: Gateway,
    described: list[Described],
    change: Callable[[dict[str, Any]], None],
) -> None:
    """A difference of one millisecond, one letter or one item does not go unseen."""
    job = next(
        job
        for job in described
        if {"Environment", "ProcessingInputs"} <= job.answer.keys()
        and job.answer["ProcessingJobStatus"] == "Completed"
        and "InstanceCount" in job.answer["ProcessingResources"]["ClusterConfig"]
    )
    query = "query ($id: ID!) { node(id: $id) { ... on ProcessingJob"
    query += every_field("ProcessingJob") + "} }"
    got = (await gateway.data(query, id=job.answer["ProcessingJobArn"]))["node"]
    changed = job._replace(answer=copy.deepcopy(job.answer))
    change(changed.answer)

    same, other = Equality(), Equality()
    check(same, job, got)
    check(other, changed, got)

    assert same.differences == []
    assert len(other.differences) == 1
