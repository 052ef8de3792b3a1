"""Linked training jobs in bulk: one Search for many, and a describe for what it does not tell."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest
from botocore.session import get_session

from gateway.schema.types.training_job import TRAINING_JOB
from tests.aws.stub import Request, Response, json_response, stub
from tests.aws_answers import PROCESSING, TRAINING, arn, processing_job, training_job
from tests.clocks import NOW
from tests.conftest import Put, StartGateway
from tests.gateway_under_test import Gateway

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio

SEARCH: Final = "Search"
LINK: Final = "trainingJob { trainingJobName trainingJobStatus hyperParameters { key value } }"
PAGE: Final = f"{{ processingJobs(first: 100) {{ nodes {{ processingJobName {LINK} }} }} }}"
STATUSES: Final = "trainingJobStatus failureReason"
DENIED: Final = {"errorRate": 1, "errorCode": "AccessDeniedException", "operations": [SEARCH]}


def linked(put: Put, *names: str, status: str = "Completed", **members: Any) -> None:
    """Put training jobs, each with a processing job of the same name that is linked to it."""
    for name in names:
        put(TRAINING, training_job(name, status, **members))
        put(PROCESSING, processing_job(name, TrainingJobArn=arn("training-job", name)))


async def statuses(gateway: Gateway, *names: str, fields: str = STATUSES) -> list[Any]:
    """Return the training jobs of these processing jobs, read in one query."""
    jobs = " ".join(
        f'j{index}: processingJob(name: "{name}") {{ trainingJob {{ {fields} }} }}'
        for index, name in enumerate(names)
    )
    data = await gateway.data(f"{{ {jobs} }}")
    return [job["trainingJob"] for job in data.values()]


async def test_page_is_what_describes_make_it(start_gateway: StartGateway, twin: "Twin") -> None:
    """The answer is that of one describe for each training job; those that can change remain."""
    gateway, describing = await start_gateway(), await start_gateway(search=False)
    found = await gateway.data(PAGE)
    calls = twin.calls()
    twin.reset_calls()
    expected = await describing.data(PAGE)

    assert found == expected
    jobs = [node["trainingJob"] for node in found["processingJobs"]["nodes"]]
    by_name = {job["trainingJobName"]: job["trainingJobStatus"] for job in jobs if job}
    described = twin.answers(TRAINING)
    answers = [described[name] for name in by_name]
    unfinished = [answer for answer in answers if not TRAINING_JOB.is_final(answer)]
    assert twin.calls()[TRAINING] == len(by_name)
    assert calls == {
        "ListProcessingJobs": 1,
        PROCESSING: 100,
        SEARCH: 1,
        TRAINING: len(unfinished),
    }


async def test_found_jobs_are_cached(gateway: Gateway, twin: "Twin") -> None:
    """What was found serves the next query, which selects other fields that Search tells."""
    await gateway.data(PAGE)
    twin.reset_calls()

    await gateway.data(PAGE.replace("hyperParameters { key value }", "roleArn"))

    assert twin.calls().pop("ListProcessingJobs", 1) == 1
    assert set(twin.calls()) <= {"ListProcessingJobs"}


@pytest.mark.parametrize(("number", "searches"), [(100, 1), (120, 2)])
async def test_many_jobs(
    start_gateway: StartGateway, put: Put, twin: "Twin", number: int, searches: int
) -> None:
    """Jobs with the longest names: a search for each 100, its values as long as AWS takes."""
    gateway = await start_gateway(max_page_size=200)
    names = [f"{number:03}{'n' * 60}" for number in range(number)]
    linked(put, *names)
    query = f"""{{ processingJobs(first: {number}, filter: {{nameContains: "{"n" * 60}"}}) {{
      nodes {{ {LINK} }} }} }}"""

    found = await gateway.data(query)

    jobs = [node["trainingJob"]["trainingJobName"] for node in found["processingJobs"]["nodes"]]
    assert sorted(jobs) == names
    calls = twin.calls()
    del calls["ListProcessingJobs"]
    assert calls == {PROCESSING: number, SEARCH: searches}


async def test_one_job_is_described(gateway: Gateway, put: Put, twin: "Twin") -> None:
    """A search would tell less and no sooner; two links to one job are one job."""
    linked(put, "one")
    put(PROCESSING, processing_job("other", TrainingJobArn=arn("training-job", "one")))

    await statuses(gateway, "one", "other")

    assert twin.calls() == {PROCESSING: 2, TRAINING: 1}


async def test_what_search_does_not_tell_is_described(
    gateway: Gateway, put: Put, twin: "Twin"
) -> None:
    """A field that only describing tells costs a describe for each job, and no search."""
    linked(put, "a", "b", WarmPoolStatus={"Status": "Available"})

    found = await statuses(gateway, "a", "b", fields="warmPoolStatus { status }")

    assert found == [{"warmPoolStatus": {"status": "AVAILABLE"}}] * 2
    assert twin.calls() == {PROCESSING: 2, TRAINING: 2}


async def test_unfinished_jobs_are_described(gateway: Gateway, put: Put, twin: "Twin") -> None:
    """Search follows with a delay, so only a final status can be believed."""
    linked(put, "done", "gone")
    linked(put, "busy", status="InProgress")

    found = await statuses(gateway, "done", "busy", "gone")

    assert [job["trainingJobStatus"] for job in found] == ["COMPLETED", "IN_PROGRESS", "COMPLETED"]
    assert twin.calls() == {PROCESSING: 3, SEARCH: 1, TRAINING: 1}


async def test_jobs_that_search_does_not_know_yet_are_described(
    gateway: Gateway, twin: "Twin"
) -> None:
    """With an index that is years behind the page is the same."""
    twin.set_faults(searchLagSeconds=1e8)
    found = await gateway.data(PAGE)
    calls = twin.calls()
    gateway.clock.advance(10_000)
    twin.clear_faults()

    assert await gateway.data(PAGE) == found
    assert calls[SEARCH] == 1
    assert calls[TRAINING] > 10


async def test_a_job_that_does_not_exist_is_null(gateway: Gateway, put: Put, twin: "Twin") -> None:
    """It is described, which says so for certain."""
    linked(put, "here", "there")
    put(PROCESSING, processing_job("lost", TrainingJobArn=arn("training-job", "no-such-job")))

    found = await statuses(gateway, "here", "lost", "there")

    assert found[1] is None
    assert None not in found[::2]
    assert twin.calls() == {PROCESSING: 3, SEARCH: 1, TRAINING: 1}


@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "UnknownOperationException", "ValidationException"]
)
async def test_search_that_aws_does_not_take_is_remembered(
    gateway: Gateway, put: Put, twin: "Twin", code: str
) -> None:
    """Forbidden or unknown in the region: Search is not tried again for five minutes."""
    linked(put, *"abcdef")
    twin.set_faults(**{**DENIED, "errorCode": code})
    for names, searches in (("ab", 1), ("cd", 0)):
        twin.reset_calls()
        assert len(await statuses(gateway, *names)) == 2
        assert twin.calls() == {PROCESSING: 2, TRAINING: 2} | ({SEARCH: 1} if searches else {})
    twin.clear_faults()
    gateway.clock.advance(300)
    twin.reset_calls()

    await statuses(gateway, "e", "f")

    assert twin.calls() == {PROCESSING: 2, SEARCH: 1}


async def test_jobs_behind_arns_in_lower_case_are_found(start_gateway: StartGateway) -> None:
    """Search answers with the names as they are, for ARNs that AWS gave in lower case."""
    arns = {name: arn("training-job", name.lower()) for name in ("Team-A", "Team-B")}
    records = [
        {"TrainingJob": training_job(name, "Completed", TrainingJobArn=text)}
        for name, text in arns.items()
    ]

    def answer(request: Request) -> Response:
        if request.operation == SEARCH:
            return json_response({"Results": records})
        name = request.parameters["ProcessingJobName"]
        return json_response(processing_job(name, TrainingJobArn=arns[name]))

    with stub(answer) as aws:
        gateway = await start_gateway(endpoint_url=aws.url)

        jobs = await statuses(gateway, *arns, fields="trainingJobName")

        assert [job["trainingJobName"] for job in jobs] == list(arns)
        assert [request.operation for request in aws.requests].count(SEARCH) == 1
        assert len(aws.requests) == 3


async def test_search_goes_on_when_credentials_are_renewed(
    gateway: Gateway, put: Put, twin: "Twin"
) -> None:
    """Expired credentials are no word of Search's: with new ones it is used at once."""
    linked(put, *"abcd")
    twin.set_faults(**{**DENIED, "errorCode": "ExpiredTokenException"})
    await statuses(gateway, "a", "b")
    twin.clear_faults()
    twin.reset_calls()

    await statuses(gateway, "c", "d")

    assert twin.calls() == {PROCESSING: 2, SEARCH: 1}


@pytest.mark.parametrize(
    "fault", [{"errorRate": 1}, {"malformedRate": 1}], ids=["failing", "malformed"]
)
async def test_failing_search_costs_no_field(
    start_gateway: StartGateway, put: Put, twin: "Twin", fault: dict[str, Any]
) -> None:
    """Nothing of it reaches the client."""
    gateway = await start_gateway(aws_attempts=1)
    linked(put, "a", "b")
    twin.set_faults(operations=[SEARCH], **fault)

    await statuses(gateway, "a", "b")

    assert twin.calls() == {PROCESSING: 2, SEARCH: 1, TRAINING: 2}


async def test_switched_off(start_gateway: StartGateway, put: Put, twin: "Twin") -> None:
    """`GATEWAY_SEARCH=false` describes each job."""
    gateway = await start_gateway(search=False)
    linked(put, "a", "b")

    await statuses(gateway, "a", "b")

    assert twin.calls() == {PROCESSING: 2, TRAINING: 2}


async def test_no_cache_describes(gateway: Gateway, put: Put, twin: "Twin") -> None:
    """Who wants it from AWS gets it from where it is newest."""
    linked(put, "a", "b")
    query = "{ " + " ".join(f'{n}: processingJob(name: "{n}") {{ {LINK} }}' for n in "ab") + " }"

    await gateway.http.post(
        "/graphql", json={"query": query}, headers={"Cache-Control": "no-cache"}
    )

    assert twin.calls() == {PROCESSING: 2, TRAINING: 2}


async def test_queries_at_once_share_the_search(gateway: Gateway, put: Put, twin: "Twin") -> None:
    """Whoever wants the same jobs at the same time waits for the same call."""
    linked(put, "a", "b")

    await asyncio.gather(*(statuses(gateway, "a", "b") for _ in range(5)))

    assert twin.calls() == {PROCESSING: 2, SEARCH: 1}


async def test_a_changed_row_evicts_what_search_told(gateway: Gateway, put: Put) -> None:
    """A job that was made anew under its name is read again once it is listed."""
    linked(put, "a", "b", FailureReason="old")
    assert (await statuses(gateway, "a", "b"))[0]["failureReason"] == "old"
    linked(put, "a", FailureReason="new", CreationTime=NOW - timedelta(seconds=1))

    await gateway.data('{ trainingJobs(filter: {nameContains: "a"}) { nodes { id } } }')

    assert (await statuses(gateway, "a", "b"))[0]["failureReason"] == "new"


async def test_a_describe_evicts_what_search_told(gateway: Gateway, put: Put, twin: "Twin") -> None:
    """A job that was made anew, or deleted, is known as that once it is described."""
    read = '{ trainingJob(name: "a") { failureReason warmPoolStatus { status } } }'
    linked(put, "a", "b", FailureReason="old")
    assert (await statuses(gateway, "a", "b"))[0]["failureReason"] == "old"
    linked(put, "a", FailureReason="new", CreationTime=NOW - timedelta(seconds=1))
    await gateway.data(read)

    assert (await statuses(gateway, "a", "b"))[0]["failureReason"] == "new"

    linked(put, "c", "d")
    assert (await statuses(gateway, "c", "d"))[0] is not None
    twin.remove(TRAINING, "c")
    await gateway.data(read.replace('"a"', '"c"'))

    assert (await statuses(gateway, "c", "d"))[0] is None


def test_members_are_those_of_both_shapes() -> None:
    """Each member that Search is believed for is the same shape as in the describe."""
    model = get_session().get_service_model("sagemaker")
    record = model.shape_for("TrainingJob").members
    answer = model.shape_for("DescribeTrainingJobResponse").members
    same = {
        name for name, shape in record.items() if name in answer and answer[name].name == shape.name
    }

    assert TRAINING_JOB.search is not None
    assert same - {"WarmPoolStatus"} == TRAINING_JOB.search.members
