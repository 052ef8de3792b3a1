"""Monitoring schedules, and the processing jobs that they run again and again."""

from typing import NamedTuple

from gateway.twin.account import Account
from gateway.twin.kinds import SCHEDULE
from gateway.twin.records import JobRecord
from gateway.twin.scenario.builder import ScenarioBuilder
from gateway.twin.scenario.lifecycles import (
    PROCESSING_LIFECYCLES,
    finished_timeline,
    running_timeline,
)
from gateway.twin.scenario.processing import add_processing
from gateway.twin.scenario.vocabulary import EXECUTION_FAILURES, SCHEDULE_FAILURES
from gateway.twin.timeline import DAY, HOUR, MINUTE, NEVER, SECOND, Phase, Timeline, to_datetime

HOURLY, DAILY = HOUR, DAY
# From its creation until its processing job begins, an execution is pending.
PENDING = 30 * SECOND
OUTCOMES = ("Completed", "CompletedWithViolations", "Completed", "Completed", "Failed")
# How long before the scenario's start the last execution was created, if it has not ended.
RECENT = {"InProgress": 4 * MINUTE, "Stopping": 5 * MINUTE, "Pending": 10 * SECOND}


# A schedule runs so many times; a clock that jumps by years would else add executions for hours.
MOST_EXECUTIONS = 24 * 60


class Execution(NamedTuple):
    """One execution. `job` is None when its processing job has been deleted."""

    created: int
    outcome: str
    job_arn: str
    job: JobRecord | None
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


def add_history(builder: ScenarioBuilder, schedule: JobRecord, last: str, count: int) -> None:
    """Add past executions; the last one has the status `last` at the scenario's start."""
    choices = builder.choices(schedule.name)
    period = schedule.facts["period"]
    # Short enough to have ended by now, long enough for the next one not to be due yet.
    ago = RECENT.get(last) or choices.between("ago", 12, 50) * MINUTE
    for number in range(count - 1, -1, -1):
        created = builder.started - ago - number * period
        outcome = choices.choice(f"outcome {number}", OUTCOMES) if number else last
        add_execution(builder, schedule, created, outcome)


def add_execution(
    builder: ScenarioBuilder, schedule: JobRecord, created: int, outcome: str, **facts: object
) -> Execution:
    """Add one execution with its processing job, both ends of the link."""
    choices = builder.choices(f"{schedule.name} {created}")
    name = f"model-monitoring-{to_datetime(created):%Y%m%d%H%M}-{choices.hex('job', 24)}"
    timeline = _timeline(builder, created + PENDING, outcome)
    failure = choices.choice("failure", EXECUTION_FAILURES).format(
        bucket=builder.home.bucket, name=schedule.name
    )
    job = add_processing(
        builder,
        "monitor",
        str(facts.pop("name", name)),
        timeline,
        Account(builder.home.id, schedule.region),
        schedule_arn=schedule.arn,
        schedule=schedule.name,
        failure=failure,
        **facts,
    )
    return attach(schedule, Execution(created, outcome, job.arn, job, failure))


def attach(schedule: JobRecord, execution: Execution) -> Execution:
    """Put an execution among those of its schedule."""
    if execution.job is not None and execution.outcome == "CompletedWithViolations":
        execution.job.facts["exit_message"] = (
            "CompletedWithViolations: Job completed successfully with 3 violations."
        )
    # A new list, since calls on other threads may be walking through the old one.
    executions = [*schedule.facts["executions"], execution]
    schedule.facts["executions"] = sorted(executions, key=lambda one: one.created)
    return execution


def _timeline(builder: ScenarioBuilder, begin: int, outcome: str) -> Timeline:
    length = builder.choices(str(begin)).between("length", 4, 9) * MINUTE
    before = builder.started - begin
    if outcome == "InProgress":
        return running_timeline(
            PROCESSING_LIFECYCLES["Completed"], 1, builder.started, before, 6 * MINUTE
        )
    if outcome == "Stopping":
        return running_timeline(
            PROCESSING_LIFECYCLES["Stopped"], 2, builder.started, before, 4 * MINUTE
        )
    last = outcome if outcome in ("Failed", "Stopped") else "Completed"
    return finished_timeline(PROCESSING_LIFECYCLES[last], begin, length)


class ScheduledExecutions:
    """Adds an execution of a schedule once per period."""

    def __init__(self, builder: ScenarioBuilder, schedule: JobRecord) -> None:
        self._builder = builder
        self._schedule = schedule
        self._count = 0

    def schedule_next(self) -> None:
        """Schedule the next execution."""
        executions: list[Execution] = self._schedule.facts["executions"]
        last = executions[-1].created if executions else self._builder.started
        self._builder.store.schedule_action(last + self._schedule.facts["period"], self.run)

    def run(self, at: int) -> int:
        """Add the execution that is due; return when the next one is."""
        self._count += 1
        if self._schedule.status(at) == "Scheduled":
            choices = self._builder.choices(f"{self._schedule.name} {at}")
            add_execution(self._builder, self._schedule, at, choices.choice("outcome", OUTCOMES))
        is_last = self._count == MOST_EXECUTIONS
        return NEVER if is_last else int(at + self._schedule.facts["period"])


class MonitoringSpec(NamedTuple):
    """A monitoring schedule: what it monitors, its status, and that of its last execution."""

    monitoring_type: str
    source: str
    status: str
    last: str = ""
    history: int = 0
    period: int = HOURLY
    inline: bool = True


SPECS = (
    MonitoringSpec("DataQuality", "endpoint", "Scheduled", "Completed", 3),
    MonitoringSpec("ModelQuality", "endpoint", "Scheduled", "CompletedWithViolations", 3),
    MonitoringSpec("ModelBias", "endpoint", "Scheduled", "Failed", 2, inline=False),
    MonitoringSpec("ModelExplainability", "batch", "Scheduled", "InProgress", 2),
    MonitoringSpec("DataQuality", "batch", "Scheduled", "Stopping", 2),
    MonitoringSpec("ModelQuality", "endpoint", "Stopped", "Stopped", 2, inline=False),
    MonitoringSpec("ModelBias", "batch", "Scheduled", "Pending", 2),
    MonitoringSpec("ModelExplainability", "endpoint", "Failed"),
    MonitoringSpec("DataQuality", "endpoint", "Pending"),
    MonitoringSpec("DataQuality", "batch", "Scheduled", "Completed", 2, DAILY),
)


def add_monitoring_spec(builder: ScenarioBuilder, spec: MonitoringSpec) -> JobRecord:
    """Add a schedule, its past executions, and those to come."""
    project = builder.project()
    base = f"{project}-{_dashed(spec.monitoring_type)}-{builder.rng.getrandbits(20):05x}"
    schedule = add_schedule(builder, spec, base)
    add_history(builder, schedule, spec.last, spec.history)
    if spec.status == "Scheduled":
        ScheduledExecutions(builder, schedule).schedule_next()
    return schedule


def add_schedule(
    builder: ScenarioBuilder,
    spec: MonitoringSpec,
    name: str,
    account: Account | None = None,
    **facts: object,
) -> JobRecord:
    """Add a schedule that has not run yet."""
    where = account or builder.home
    choices = builder.choices(name)
    executions: list[Execution] = []
    reason = choices.choice("failure", SCHEDULE_FAILURES)
    return builder.add(
        SCHEDULE,
        spec.source,
        name,
        schedule_timeline(builder, spec),
        account,
        monitoring_type=spec.monitoring_type,
        inline=spec.inline,
        period=spec.period,
        endpoint=f"{name[:40]}-endpoint" if spec.source == "endpoint" else None,
        executions=executions,
        failure=reason.format(bucket=where.bucket, name=name),
        **facts,
    )


def schedule_timeline(builder: ScenarioBuilder, spec: MonitoringSpec) -> Timeline:
    """Pending for a minute, then scheduled, then perhaps stopped or failed."""
    if spec.status == "Pending":
        created = builder.started - 30 * SECOND
        return Timeline((Phase(created, "Pending"), Phase(created + 90 * SECOND, "Scheduled")))
    created = builder.started - builder.length(DAY * 5, DAY * 90)
    phases = [Phase(created, "Pending"), Phase(created + MINUTE, "Scheduled")]
    if spec.status != "Scheduled":
        phases.append(Phase(builder.started - builder.length(), spec.status))
    return Timeline(phases)


def _dashed(words: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in words)[1:]
