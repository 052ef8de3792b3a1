"""Objects become JSON once per selection, with placeholders for what other entries hold."""

import json
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from gateway.aws.cache import MemoryCache
from gateway.aws.reader import Reader, ResourceKey
from gateway.execution.compiled.renderer import render
from gateway.execution.compiled.template import Rendered, Template, size_of
from gateway.schema.references import Target
from gateway.schema.registry import RESOURCES, decode
from gateway.settings import ReaderSettings
from tests.aws_answers import arn, processing_job, training_job
from tests.clocks import Clock
from tests.execution.differential.fake_sagemaker import FakeSageMaker

from .test_compiler import JOB, Compiled

PROCESSING_JOB, TRAINING_JOB = RESOURCES[0], RESOURCES[1]


def rendered(selected: str, answer: dict[str, Any]) -> Rendered:
    """Return what is rendered of a processing job that AWS describes so."""
    clock, cache = Clock(), MemoryCache(2**20)
    sagemaker = cast("Any", FakeSageMaker({}))
    reader = Reader(sagemaker, cache, ReaderSettings(), RESOURCES, decode, clock)
    selection = Compiled(JOB % selected).selection("processingJob")
    return render(reader, decode(PROCESSING_JOB, answer), selection, 10**6)


def complete(selected: str, answer: dict[str, Any]) -> Any:
    """Return the data of a rendering that needs no other entry."""
    found = rendered(selected, answer)
    assert isinstance(found, bytes)
    return json.loads(found)


def template(selected: str, answer: dict[str, Any]) -> Template:
    """Return a rendering that needs other entries."""
    found = rendered(selected, answer)
    assert isinstance(found, Template)
    return found


@pytest.mark.parametrize(
    ("selected", "members", "expected"),
    [
        ("roleArn", {"RoleArn": "r"}, {"roleArn": "r"}),
        ("roleArn", {}, {"roleArn": None}),
        ("processingJobStatus", {}, {"processingJobStatus": "COMPLETED"}),
        ("__typename status: processingJobStatus", {}, {"__typename": "ProcessingJob"}),
        (
            "processingStartTime",
            {"ProcessingStartTime": datetime(2026, 3, 4, 12, 30, 0, 250_000, tzinfo=UTC)},
            {"processingStartTime": "2026-03-04T12:30:00.250Z"},
        ),
        (
            "environment { value key }",
            {"Environment": {"b": "2", "a": "1"}},
            {"environment": [{"value": "1", "key": "a"}, {"value": "2", "key": "b"}]},
        ),
        (
            "processingResources { clusterConfig { instanceCount } }",
            {},
            {"processingResources": {"clusterConfig": {"instanceCount": 1}}},
        ),
        ("exitMessage", {"ExitMessage": 'q"\\\u2028\u00fc'}, {"exitMessage": 'q"\\\u2028\u00fc'}),
    ],
)
def test_value_is_rendered(selected: str, members: dict[str, Any], expected: Any) -> None:
    """Members are written as their types say, in the order of the selection."""
    data = complete(selected, processing_job("a", **members))

    assert {key: data[key] for key in expected} == expected
    assert list(data) == [key for key in data if key]


def test_order_is_that_of_the_selection() -> None:
    """The keys of the JSON come in the order in which they are selected."""
    assert list(complete("roleArn id exitMessage", processing_job("a"))) == [
        "roleArn",
        "id",
        "exitMessage",
    ]


def test_reference_leaves_a_placeholder() -> None:
    """A link is filled from the entry that its ARN names, at the path of the field."""
    linked = processing_job("a", TrainingJobArn=arn("training-job", "b"))
    found = template("id link: trainingJob { trainingJobStatus } roleArn", linked)

    (target,) = found.placeholders
    assert isinstance(target, Target)
    assert target.key == ResourceKey(TRAINING_JOB, "eu-west-1", "b")
    assert target.selection.type_name == "TrainingJob"
    assert found.paths == (("link",),)
    assert json.loads(b"7".join(found.chunks)) == {
        "id": arn("processing-job", "a"),
        "link": 7,
        "roleArn": None,
    }


def test_chunks_stand_around_the_placeholders() -> None:
    """There is one chunk more than placeholders, and paths are those of the placeholders."""
    linked = processing_job("a", TrainingJobArn=arn("training-job", "b"))
    found = template("a: trainingJob { roleArn } b: trainingJob { roleArn } tags { key }", linked)

    assert len(found.chunks) == len(found.placeholders) + 1 == 4
    assert found.paths == (("a",), ("b",), ("tags",))


def test_what_the_arn_says_needs_no_entry() -> None:
    """The id of a link, and its type, are rendered in place without an AWS call."""
    linked = processing_job("a", TrainingJobArn=arn("training-job", "b"))

    assert complete("trainingJob { __typename id }", linked) == {
        "trainingJob": {"__typename": "TrainingJob", "id": arn("training-job", "b")}
    }


@pytest.mark.parametrize("members", [{}, {"TrainingJobArn": ""}])
def test_absent_link_is_null(members: dict[str, Any]) -> None:
    """A link that AWS does not give is null and needs no entry."""
    job = processing_job("a", **members)

    assert complete("trainingJob { roleArn }", job) == {"trainingJob": None}


def test_wrong_link_is_an_error_at_its_place() -> None:
    """A link that leads nowhere is an error where it stands; the rest is rendered."""
    found = template("id trainingJob { roleArn }", processing_job("a", TrainingJobArn="no ARN"))

    (error,) = found.placeholders
    assert isinstance(error, Exception)
    assert found.paths == (("trainingJob",),)


def test_unknown_enum_value_is_told() -> None:
    """A status that AWS added is `UNKNOWN`, and AWS's word comes with its path."""
    found = template("s: processingJobStatus", processing_job("a", "Thinking"))

    assert found.chunks == (b'{"s":"UNKNOWN"}',)
    assert found.unknown_values == ((("s",), "Thinking"),)


def test_objects_of_a_list_have_their_index_in_the_path() -> None:
    """Each row of a list is rendered at its index, and so are placeholders in it."""
    clock, cache = Clock(), MemoryCache(2**20)
    sagemaker = cast("Any", FakeSageMaker({}))
    reader = Reader(sagemaker, cache, ReaderSettings(), RESOURCES, decode, clock)
    selection = Compiled(JOB % "trainingJob { roleArn }").selection("processingJob")
    jobs = [
        decode(PROCESSING_JOB, processing_job(name, TrainingJobArn=arn("training-job", name)))
        for name in ("a", "b")
    ]

    found = render(reader, jobs, selection, 10**6)

    assert isinstance(found, Template)
    assert found.paths == ((0, "trainingJob"), (1, "trainingJob"))
    assert json.loads(b"7".join(found.chunks)) == [{"trainingJob": 7}, {"trainingJob": 7}]


def test_size_grows_with_the_json() -> None:
    """The memory that a rendering is taken to use is at least the bytes of its JSON."""
    short = rendered("roleArn", processing_job("a", RoleArn="r"))
    long = rendered("roleArn", processing_job("a", RoleArn="r" * 5_000))
    linked = processing_job("a", TrainingJobArn=arn("training-job", "b"), RoleArn="r" * 5_000)
    with_placeholder = rendered("roleArn trainingJob { roleArn }", linked)

    assert 5_000 < size_of(long) < 6_000
    assert size_of(short) < 500
    assert size_of(with_placeholder) > 5_000


def test_training_job_is_decoded_like_any_resource() -> None:
    """Every resource of the registry is rendered from AWS's answer by its own type."""
    selection = Compiled('{ trainingJob(name: "a") { id trainingJobName } }').selection(
        "trainingJob"
    )
    sagemaker = cast("Any", FakeSageMaker({}))
    cache, settings = MemoryCache(2**20), ReaderSettings()
    reader = Reader(sagemaker, cache, settings, RESOURCES, decode, Clock())

    found = render(reader, decode(TRAINING_JOB, training_job("a")), selection, 10**6)

    assert found == b'{"id":"%s","trainingJobName":"a"}' % arn("training-job", "a").encode()
