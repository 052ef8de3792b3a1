"""How long an answer serves, what replaces it, and what stands in when AWS fails.

The gateway's clock moves when a test says so; AWS is the twin, which counts the calls it gets.
"""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.aws_answers import (
    AUTO_ML,
    PROCESSING,
    SCHEDULE,
    TRAINING,
    TUNING,
    arn,
    auto_ml_job,
    processing_job,
    schedule,
    training_job,
    tuning_job,
)
from tests.clocks import TwinClock, until, until_true
from tests.conftest import Put, StartGateway
from tests.gateway_under_test import Gateway

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio

STATUS = "query ($name: String!) { processingJob(name: $name) { processingJobStatus exitMessage } }"

# Longest in both senses: past these no answer of that kind is fresh, or even stale.
FINISHED, RUNNING, MISSING, BEHIND, IF_ERROR = 3_600.0, 5.0, 5.0, 5.0, 3_600.0
A_MOMENT = 0.01

FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "throttled": ({"errorRate": 1, "errorCode": "ThrottlingException"}, "UPSTREAM_THROTTLED"),
    "5xx": ({"errorRate": 1}, "UPSTREAM_UNAVAILABLE"),
    "malformed": ({"malformedRate": 1}, "UPSTREAM_UNAVAILABLE"),
    "hanging": ({"hangRate": 1}, "UPSTREAM_TIMEOUT"),
}


@pytest.fixture
async def one_try(start_gateway: StartGateway) -> Gateway:
    """Return a gateway that gives up on AWS at the first failure."""
    return await start_gateway(aws_attempts=1)


async def status(gateway: Gateway, name: str = "job") -> str | None:
    """Return a job's status, `None` when there is no such job."""
    job = (await gateway.data(STATUS, name=name))["processingJob"]
    return job and str(job["processingJobStatus"])


@pytest.mark.parametrize(
    ("aws_status", "fresh"),
    [
        ("Completed", FINISHED),
        ("Failed", FINISHED),
        ("Stopped", FINISHED),
        ("InProgress", RUNNING),
        ("Stopping", RUNNING),
        ("Thinking", RUNNING),
    ],
)
async def test_lifetime_follows_the_status(
    gateway: Gateway, twin: "Twin", put: Put, aws_status: str, fresh: float
) -> None:
    """A finished job is fresh for an hour, any other for seconds."""
    put(PROCESSING, processing_job("job", aws_status))
    await status(gateway)
    gateway.clock.advance(fresh - A_MOMENT)
    await status(gateway)
    assert twin.calls() == {PROCESSING: 1}

    gateway.clock.advance(BEHIND + 2 * A_MOMENT)
    await status(gateway)

    assert twin.calls() == {PROCESSING: 2}


RULE_STILL_RUNS = [
    {"RuleEvaluationStatus": "NoIssuesFound"},
    {"RuleEvaluationStatus": "InProgress"},
]
RULE_HAS_NO_STATUS = [{"RuleConfigurationName": "rule"}]


@pytest.mark.parametrize(
    ("put_job", "query"),
    [
        (
            (TRAINING, training_job("job", WarmPoolStatus={"Status": "Available"})),
            "trainingJob { warmPoolStatus { status } }",
        ),
        (
            (TRAINING, training_job("job", DebugRuleEvaluationStatuses=RULE_STILL_RUNS)),
            "trainingJob { debugRuleEvaluationStatuses { ruleEvaluationStatus } }",
        ),
        (
            (TRAINING, training_job("job", ProfilerRuleEvaluationStatuses=RULE_STILL_RUNS)),
            "trainingJob { profilerRuleEvaluationStatuses { ruleEvaluationStatus } }",
        ),
        (
            (TRAINING, training_job("job", DebugRuleEvaluationStatuses=RULE_HAS_NO_STATUS)),
            "trainingJob { debugRuleEvaluationStatuses { ruleEvaluationStatus } }",
        ),
        (
            (TRAINING, training_job("job", SecondaryStatus="Uploading")),
            "trainingJob { secondaryStatus }",
        ),
        (
            (AUTO_ML, auto_ml_job("job", AutoMLJobSecondaryStatus="DeployingModel")),
            "autoMLJob { autoMLJobSecondaryStatus }",
        ),
        (
            (AUTO_ML, auto_ml_job("job", BestCandidate={"CandidateStatus": "InProgress"})),
            "autoMLJob { bestCandidate { candidateStatus } }",
        ),
    ],
)
async def test_job_is_final_when_every_status_is(
    gateway: Gateway, twin: "Twin", put: Put, put_job: tuple[str, Any], query: str
) -> None:
    """A completed job of which some status can still change is read again after seconds."""
    put(*put_job)
    field, _, rest = query.partition(" ")
    text = f'{{ {field}(name: "job") {rest} }}'
    await gateway.data(text)
    gateway.clock.advance(RUNNING + BEHIND + A_MOMENT)
    await gateway.data(text)

    assert twin.calls() == {put_job[0]: 2}


@pytest.mark.parametrize("aws_status", ["Scheduled", "Pending", "Stopped", "Failed"])
async def test_lifetime_of_a_schedule(
    gateway: Gateway, twin: "Twin", put: Put, aws_status: str
) -> None:
    """A schedule can change at any time: a stopped one can be started again."""
    put(SCHEDULE, schedule("plan", aws_status))
    query = '{ monitoringSchedule(name: "plan") { monitoringScheduleStatus } }'
    await gateway.data(query)
    gateway.clock.advance(RUNNING + BEHIND + A_MOMENT)
    await gateway.data(query)

    assert twin.calls() == {SCHEDULE: 2}


@pytest.mark.parametrize(
    ("members", "fresh"),
    [
        ({}, FINISHED),
        ({"TrainingJobStatusCounters": {"Completed": 3, "InProgress": 0}}, FINISHED),
        ({"TrainingJobStatusCounters": {"Completed": 2, "InProgress": 1}}, RUNNING),
        ({"ObjectiveStatusCounters": {"Succeeded": 2, "Pending": 1}}, RUNNING),
    ],
)
async def test_lifetime_of_a_tuning_job(
    gateway: Gateway, twin: "Twin", put: Put, members: dict[str, Any], fresh: float
) -> None:
    """A tuning job that is over is final once none of its training jobs goes on."""
    put(TUNING, tuning_job("tuning", **members))
    query = '{ hyperParameterTuningJob(name: "tuning") { hyperParameterTuningJobStatus } }'
    await gateway.data(query)
    gateway.clock.advance(fresh - A_MOMENT)
    await gateway.data(query)
    assert twin.calls() == {TUNING: 1}

    gateway.clock.advance(BEHIND + 2 * A_MOMENT)
    await gateway.data(query)

    assert twin.calls() == {TUNING: 2}


async def test_missing_job_is_remembered_for_seconds(
    gateway: Gateway, twin: "Twin", put: Put
) -> None:
    """That there is no such job is known for a while, and a job that appears is found then."""
    assert await status(gateway) is None
    put(PROCESSING, processing_job("job"))
    gateway.clock.advance(MISSING - A_MOMENT)
    assert await status(gateway) is None
    assert twin.calls() == {PROCESSING: 1}

    gateway.clock.advance(2 * A_MOMENT)

    assert await status(gateway) == "COMPLETED"


async def test_job_that_is_deleted_is_missed(gateway: Gateway, twin: "Twin", put: Put) -> None:
    """Once its answer is no longer fresh, a job that is gone is null."""
    put(PROCESSING, processing_job("job", "InProgress"))
    await status(gateway)
    twin.remove(PROCESSING, "job")
    gateway.clock.advance(RUNNING + BEHIND + A_MOMENT)

    assert await status(gateway) is None

    put(PROCESSING, processing_job("job"))


@pytest.mark.parametrize(
    ("setting", "aws_status"), [("fresh_finished", "Completed"), ("fresh_running", "InProgress")]
)
async def test_lifetimes_are_settings(
    start_gateway: StartGateway, twin: "Twin", put: Put, setting: str, aws_status: str
) -> None:
    """How long answers are fresh is for the operator to say."""
    gateway = await start_gateway(**{setting: 60.0, "stale_while_revalidate": 0.0})
    put(PROCESSING, processing_job("job", aws_status))
    await status(gateway)
    gateway.clock.advance(59.9)
    await status(gateway)
    assert twin.calls() == {PROCESSING: 1}

    gateway.clock.advance(0.2)
    await status(gateway)

    assert twin.calls() == {PROCESSING: 2}


async def test_lifetime_of_what_is_missing_is_a_setting(
    start_gateway: StartGateway, twin: "Twin"
) -> None:
    """With no lifetime at all, each request asks AWS whether there is such a job by now."""
    gateway = await start_gateway(fresh_missing=0.0)

    assert await status(gateway) is None
    assert await status(gateway) is None
    assert twin.calls() == {PROCESSING: 2}


async def test_stale_answer_is_served_at_once_and_refreshed_behind(
    gateway: Gateway, twin: "Twin", twin_clock: TwinClock, put: Put
) -> None:
    """Just past fresh, callers get the old answer while AWS is still busy with the new one."""
    put(PROCESSING, processing_job("job", "InProgress"))
    await status(gateway)
    put(PROCESSING, processing_job("job", "Completed"))
    gateway.clock.advance(RUNNING + BEHIND - A_MOMENT)

    twin_clock.close()
    assert await status(gateway) == "IN_PROGRESS"
    await until(lambda: twin.calls() == {PROCESSING: 2})
    assert await status(gateway) == "IN_PROGRESS"
    twin_clock.open()

    async def has_changed() -> bool:
        return await status(gateway) == "COMPLETED"

    await until_true(has_changed)
    assert twin.calls() == {PROCESSING: 2}


async def test_one_refresh_runs_behind_many_callers(
    gateway: Gateway, twin: "Twin", twin_clock: TwinClock, put: Put
) -> None:
    """However many callers get the stale answer, AWS is asked once."""
    put(PROCESSING, processing_job("job", "InProgress"))
    await status(gateway)
    gateway.clock.advance(RUNNING + A_MOMENT)

    twin_clock.close()
    answers = await asyncio.gather(*(status(gateway) for _ in range(50)))
    await until(lambda: twin.calls() == {PROCESSING: 2})
    answers += await asyncio.gather(*(status(gateway) for _ in range(50)))
    twin_clock.open()

    assert answers == ["IN_PROGRESS"] * 100
    assert twin.calls() == {PROCESSING: 2}


async def test_past_stale_callers_wait_for_the_new_answer(gateway: Gateway, put: Put) -> None:
    """An answer that is older than stale is never served while AWS is well."""
    put(PROCESSING, processing_job("job", "InProgress"))
    await status(gateway)
    put(PROCESSING, processing_job("job", "Completed"))
    gateway.clock.advance(RUNNING + BEHIND + A_MOMENT)

    assert await status(gateway) == "COMPLETED"


@pytest.mark.parametrize("fault", FAULTS)
async def test_stale_answer_stands_in_for_a_failing_aws(
    start_gateway: StartGateway, twin: "Twin", put: Put, fault: str
) -> None:
    """When AWS fails, the old answer is served without an error, labelled with age and reason."""
    switches, code = FAULTS[fault]
    # Long enough for the answer before the fault, on a busy machine too.
    gateway = await start_gateway(aws_attempts=1, aws_read_timeout=1.0)
    put(PROCESSING, processing_job("job", "InProgress"))
    await status(gateway)
    gateway.clock.advance(60)
    twin.set_faults(**switches)

    answer = await gateway.query(STATUS, name="job")

    assert answer.errors == []
    assert answer.data["processingJob"]["processingJobStatus"] == "IN_PROGRESS"
    assert answer.stale == [{"id": arn("processing-job", "job"), "ageSeconds": 60, "reason": code}]


@pytest.mark.parametrize("fault", FAULTS)
async def test_without_an_older_answer_the_error_is_shown(
    start_gateway: StartGateway, twin: "Twin", put: Put, fault: str
) -> None:
    """With nothing to stand in, a failing AWS is one coded error at the field."""
    switches, code = FAULTS[fault]
    timeout = {"aws_read_timeout": 0.1} if "hangRate" in switches else {}
    gateway = await start_gateway(aws_attempts=1, **timeout)
    put(PROCESSING, processing_job("job"))
    twin.set_faults(**switches)

    answer = await gateway.query(STATUS, name="job")

    assert answer.data == {"processingJob": None}
    assert answer.codes == [code]
    assert answer.error["path"] == ["processingJob"]
    assert answer.stale == []


@pytest.mark.parametrize("code", ["AccessDeniedException", "ExpiredTokenException"])
async def test_nothing_stands_in_for_what_may_not_be_seen(
    one_try: Gateway, twin: "Twin", put: Put, code: str
) -> None:
    """An answer that AWS would refuse now is not served from memory either."""
    put(PROCESSING, processing_job("job", "InProgress"))
    await status(one_try)
    one_try.clock.advance(60)
    twin.set_faults(errorRate=1, errorCode=code)

    answer = await one_try.query(STATUS, name="job")

    assert answer.data == {"processingJob": None}
    assert answer.codes == ["UPSTREAM_ACCESS_DENIED"]


async def test_refusal_behind_ends_what_was_served(
    one_try: Gateway, twin: "Twin", put: Put
) -> None:
    """Once AWS has refused to renew an answer in the background, it is not served any more."""
    put(PROCESSING, processing_job("job", "InProgress"))
    await status(one_try)
    one_try.clock.advance(RUNNING + A_MOMENT)
    twin.set_faults(errorRate=1, errorCode="AccessDeniedException")
    assert await status(one_try) == "IN_PROGRESS"

    async def is_refused() -> bool:
        return (await one_try.query(STATUS, name="job")).codes == ["UPSTREAM_ACCESS_DENIED"]

    await until_true(is_refused)


async def test_stale_answer_has_an_end(one_try: Gateway, twin: "Twin", put: Put) -> None:
    """An answer that is too old even for bad times gives way to the error."""
    put(PROCESSING, processing_job("job", "InProgress"))
    await status(one_try)
    twin.set_faults(errorRate=1)
    one_try.clock.advance(RUNNING + IF_ERROR - A_MOMENT)
    assert (await one_try.query(STATUS, name="job")).stale != []

    one_try.clock.advance(60)

    assert (await one_try.query(STATUS, name="job")).codes == ["UPSTREAM_UNAVAILABLE"]


async def test_failing_aws_is_given_a_pause(one_try: Gateway, twin: "Twin", put: Put) -> None:
    """After a failure the stale answer serves for a second before AWS is asked again."""
    put(PROCESSING, processing_job("job", "InProgress"))
    await status(one_try)
    one_try.clock.advance(60)
    twin.set_faults(errorRate=1)
    for _ in range(5):
        assert (await one_try.query(STATUS, name="job")).stale != []
    assert twin.calls() == {PROCESSING: 2}

    one_try.clock.advance(1.1)
    await one_try.query(STATUS, name="job")

    assert twin.calls() == {PROCESSING: 3}


async def test_label_goes_when_aws_is_back(one_try: Gateway, twin: "Twin", put: Put) -> None:
    """The first new answer is fresh and not labelled."""
    put(PROCESSING, processing_job("job", "InProgress"))
    await status(one_try)
    one_try.clock.advance(60)
    twin.set_faults(errorRate=1)
    assert (await one_try.query(STATUS, name="job")).stale != []
    twin.clear_faults()
    put(PROCESSING, processing_job("job", "Completed"))
    one_try.clock.advance(1.1)

    answer = await one_try.query(STATUS, name="job")

    assert answer.data["processingJob"]["processingJobStatus"] == "COMPLETED"
    assert "extensions" not in answer.body


async def test_refresh_that_fails_behind_labels_what_is_served(
    one_try: Gateway, twin: "Twin", put: Put
) -> None:
    """A refresh that fails is no caller's error; the answer it leaves in place is labelled."""
    put(PROCESSING, processing_job("job", "InProgress"))
    await status(one_try)
    one_try.clock.advance(RUNNING + A_MOMENT)
    twin.set_faults(errorRate=1)
    answer = await one_try.query(STATUS, name="job")
    assert (answer.errors, answer.stale) == ([], [])

    async def is_labelled() -> bool:
        answer = await one_try.query(STATUS, name="job")
        assert answer.errors == []
        return [stale["reason"] for stale in answer.stale] == ["UPSTREAM_UNAVAILABLE"]

    await until_true(is_labelled)


async def test_refresh_that_is_refused_behind_is_logged(
    one_try: Gateway, twin: "Twin", put: Put, caplog: pytest.LogCaptureFixture
) -> None:
    """A refresh that raises ends in the log, and its task leaves no complaint behind."""
    put(PROCESSING, processing_job("job", "InProgress"))
    await status(one_try)
    one_try.clock.advance(RUNNING + A_MOMENT)
    twin.set_faults(errorRate=1, errorCode="AccessDeniedException")
    await status(one_try)

    await until(lambda: "gateway.refresh_failed" in caplog.messages)


async def test_stale_link_is_labelled_beside_a_fresh_job(
    one_try: Gateway, twin: "Twin", put: Put
) -> None:
    """The label names the resource that is stale, not the one that was asked for."""
    plan = arn("monitoring-schedule", "plan")
    put(SCHEDULE, schedule("plan"))
    put(PROCESSING, processing_job("job", "Completed", MonitoringScheduleArn=plan))
    query = '{ processingJob(name: "job") { monitoringSchedule { monitoringScheduleStatus } } }'
    await one_try.data(query)
    one_try.clock.advance(60)
    twin.set_faults(errorRate=1)

    answer = await one_try.query(query)

    assert answer.data["processingJob"]["monitoringSchedule"] is not None
    assert [stale["id"] for stale in answer.stale] == [plan]


async def test_memory_is_bounded(start_gateway: StartGateway, twin: "Twin") -> None:
    """What no longer fits is forgotten, the longest unused first, and fetched again when asked."""
    gateway = await start_gateway(cache_megabytes=1)
    names = list(twin.answers(PROCESSING))
    for name in names:
        await status(gateway, name)
    twin.reset_calls()

    await status(gateway, names[-1])
    assert twin.calls() == {}
    await status(gateway, names[0])
    assert twin.calls() == {PROCESSING: 1}


async def test_regions_do_not_share_entries(gateway: Gateway, put: Put) -> None:
    """Two jobs of one name in two regions are two jobs."""
    put(PROCESSING, processing_job("job", "Completed"))
    put(PROCESSING, processing_job("job", "Failed", region="us-west-2"), "us-west-2")

    data = await gateway.data(
        """{
          here: processingJob(name: "job") { processingJobStatus }
          there: processingJob(name: "job", region: "us-west-2") { processingJobStatus }
        }"""
    )

    assert data["here"] == {"processingJobStatus": "COMPLETED"}
    assert data["there"] == {"processingJobStatus": "FAILED"}


async def test_client_that_goes_takes_nothing_from_the_others(
    gateway: Gateway, twin: "Twin", twin_clock: TwinClock, put: Put
) -> None:
    """Requests that wait for the same call are not disturbed when one of them is cancelled."""
    put(PROCESSING, processing_job("job"))
    twin_clock.close()
    first, second = (asyncio.create_task(status(gateway)) for _ in range(2))
    await until(lambda: twin.calls() == {PROCESSING: 1})
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    twin_clock.open()

    assert first.cancelled()
    assert await second == "COMPLETED"
    assert twin.calls() == {PROCESSING: 1}


async def test_failure_reaches_all_who_wait(one_try: Gateway, twin: "Twin", put: Put) -> None:
    """Requests that share a call that fails all get its error, and AWS is asked once."""
    put(PROCESSING, processing_job("job"))
    twin.set_faults(errorRate=1)

    answers: list[Any] = await asyncio.gather(
        *(one_try.query(STATUS, name="job") for _ in range(20))
    )

    assert [answer.codes for answer in answers] == [["UPSTREAM_UNAVAILABLE"]] * 20
    assert twin.calls() == {PROCESSING: 1}


async def test_failure_is_not_remembered(one_try: Gateway, twin: "Twin", put: Put) -> None:
    """The next request after a failure asks AWS again."""
    put(PROCESSING, processing_job("job"))
    twin.set_faults(errorRate=1)
    await one_try.query(STATUS, name="job")
    twin.clear_faults()

    assert await status(one_try) == "COMPLETED"
