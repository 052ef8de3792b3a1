"""The executions of a monitoring schedule: past ones, the one at work, and those to come."""

from typing import NamedTuple

from gateway.twin.account import Place
from gateway.twin.records import SeededRecord
from gateway.twin.scenario.builder import Stage
from gateway.twin.scenario.lifecycles import PROCESSING_LIVES, lived, living
from gateway.twin.scenario.standalone import add_processing
from gateway.twin.scenario.vocabulary import EXECUTION_FAILURES
from gateway.twin.timeline import DAY, HOUR, MINUTE, SECOND, Timeline, moment

HOURLY, DAILY = HOUR, DAY
# From its creation until its processing job begins, an execution is pending.
PENDING = 30 * SECOND
OUTCOMES = ("Completed", "CompletedWithViolations", "Completed", "Completed", "Failed")
# How long before the scenario's start the last execution was created, if it is not over.
RECENT = {"InProgress": 4 * MINUTE, "Stopping": 5 * MINUTE, "Pending": 10 * SECOND}


class Execution(NamedTuple):
    """One execution. `job` is None when its processing job has been deleted."""

    created: int
    outcome: str
    job_arn: str
    job: SeededRecord | None
    failure: str

    @property
    def scheduled(self) -> int:
        """The full hour that it was due at."""
        return self.created - self.created % HOUR

    def status(self, now: int) -> str:
        """Its status, which follows the processing job's."""
        if self.job is None:
            return self.outcome
        if now < self.job.created:
            return "Pending"
        status = self.job.status(now)
        return self.outcome if status == "Completed" else status

    def modified(self, now: int) -> int:
        """When its status last changed."""
        if self.job is None or now < self.job.created:
            return self.created
        return self.job.modified(now)


def add_history(stage: Stage, schedule: SeededRecord, last: str, count: int) -> None:
    """Add past executions; the last one stands as told at the scenario's start."""
    dice = stage.dice(schedule.name)
    period = schedule.facts["period"]
    # Short enough to be over by now, long enough for the next one not to be due yet.
    ago = RECENT.get(last) or dice.between("ago", 12, 50) * MINUTE
    for number in range(count - 1, -1, -1):
        created = stage.started - ago - number * period
        outcome = dice.choice(f"outcome {number}", OUTCOMES) if number else last
        add_execution(stage, schedule, created, outcome)


def add_execution(
    stage: Stage, schedule: SeededRecord, created: int, outcome: str, **facts: object
) -> Execution:
    """Add one execution with its processing job, both ends of the link."""
    dice = stage.dice(f"{schedule.name} {created}")
    name = f"model-monitoring-{moment(created):%Y%m%d%H%M}-{dice.hex('job', 24)}"
    timeline = _timeline(stage, created + PENDING, outcome)
    failure = dice.choice("failure", EXECUTION_FAILURES).format(
        bucket=stage.home.bucket, name=schedule.name
    )
    job = add_processing(
        stage,
        "monitor",
        str(facts.pop("name", name)),
        timeline,
        Place(stage.home.account, schedule.region),
        schedule_arn=schedule.arn,
        schedule=schedule.name,
        failure=failure,
        **facts,
    )
    return attach(schedule, Execution(created, outcome, job.arn, job, failure))


def attach(schedule: SeededRecord, execution: Execution) -> Execution:
    """Put an execution among those of its schedule."""
    if execution.job is not None and execution.outcome == "CompletedWithViolations":
        execution.job.facts["exit_message"] = (
            "CompletedWithViolations: Job completed successfully with 3 violations."
        )
    # A new list, since calls on other threads may be walking through the old one.
    executions = [*schedule.facts["executions"], execution]
    schedule.facts["executions"] = sorted(executions, key=lambda one: one.created)
    return execution


def _timeline(stage: Stage, begin: int, outcome: str) -> Timeline:
    length = stage.dice(str(begin)).between("length", 4, 9) * MINUTE
    before = stage.started - begin
    if outcome == "InProgress":
        return living(PROCESSING_LIVES["Completed"], 1, stage.started, before, 6 * MINUTE)
    if outcome == "Stopping":
        return living(PROCESSING_LIVES["Stopped"], 2, stage.started, before, 4 * MINUTE)
    last = outcome if outcome in ("Failed", "Stopped") else "Completed"
    return lived(PROCESSING_LIVES[last], begin, length)


class Runs:
    """Lets a schedule run on, one execution per period."""

    def __init__(self, stage: Stage, schedule: SeededRecord) -> None:
        self._stage = stage
        self._schedule = schedule

    def go_on(self) -> None:
        """Promise the next execution."""
        executions: list[Execution] = self._schedule.facts["executions"]
        last = executions[-1].created if executions else self._stage.started
        self._stage.world.expect(last + self._schedule.facts["period"], self.run)

    def run(self, at: int) -> int:
        """Add the execution that is due; says when the next one is."""
        outcome = self._stage.dice(f"{self._schedule.name} {at}").choice("outcome", OUTCOMES)
        add_execution(self._stage, self._schedule, at, outcome)
        return int(at + self._schedule.facts["period"])
