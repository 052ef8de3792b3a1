"""The stop operations, and StartMonitoringSchedule."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from gateway.twin.call import Call, Operation
from gateway.twin.errors import invalid
from gateway.twin.kinds import AUTOML, PROCESSING, SCHEDULE, TRAINING, TRANSFORM, TUNING, Kind
from gateway.twin.records import Answer, JobRecord
from gateway.twin.store import Store
from gateway.twin.timeline import Phase, Timeline

if TYPE_CHECKING:
    from gateway.twin.scenario.candidates import Candidate
    from gateway.twin.scenario.training import Rule

# What AWS calls the kinds in its messages.
NOUNS = {
    PROCESSING: "processing job",
    TRAINING: "training job",
    TRANSFORM: "transform job",
    AUTOML: "AutoML job",
    TUNING: "hyper parameter tuning job",
    SCHEDULE: "monitoring schedule",
}
# The share of its duration that a job takes to stop.
STOPPING_SHARE = 10


def stop_job(store: Store, call: Call) -> Answer:
    """Stop a job with the jobs that it has started; AWS refuses that for one that has ended."""
    record = _find(store, call, STOPPED[call.operation])
    status = record.status(call.now)
    if status == "Stopping":
        return {}
    if status != "InProgress":
        raise invalid(
            f"The request was rejected because the {NOUNS[record.kind]} is in status {status}."
        )
    _stop(store, record, call.now)
    store.forget_answers()
    return {}


def stop_schedule(store: Store, call: Call) -> Answer:
    """Stop a schedule: it starts no more executions."""
    return _set_status(store, call, "Stopped")


def start_schedule(store: Store, call: Call) -> Answer:
    """Start a schedule that was stopped."""
    return _set_status(store, call, "Scheduled")


def _set_status(store: Store, call: Call, status: str) -> Answer:
    record = _find(store, call, SCHEDULE)
    if record.status(call.now) != status:
        past = record.timeline.past(call.now)
        record.timeline = Timeline((*past, Phase(call.now, status)))
        store.forget_answers()
    return {}


def _find(store: Store, call: Call, kind: Kind) -> JobRecord:
    name = call.params[kind.name]
    record = store.find(call.region, kind, name, call.now)
    if record is None:
        raise kind.missing(name)
    if not isinstance(record, JobRecord):
        raise invalid(f"{name} has an answer that a test gave: it cannot be stopped or started.")
    return record


def _stop(store: Store, record: JobRecord, now: int) -> None:
    length = store.job_duration // STOPPING_SHARE
    record.timeline = _stopped(
        record.timeline, now, length, has_secondary=record.kind in (TRAINING, AUTOML)
    )
    # Meant for the end that the job does not reach.
    record.facts.pop("exit_message", None)
    rules: list[Rule] = record.facts.get("rules", [])
    started: list[JobRecord] = [
        *record.facts.get("training_jobs", ()),
        *(rule.job for rule in rules if rule.job is not None),
        *(_stop_candidates(store, record, now, length) if record.kind is AUTOML else ()),
    ]
    for job in started:
        if job.created > now:
            store.table(job.region, job.kind).remove(job.name)
        elif job.status(now) == "InProgress":
            _stop(store, job, now)


def _stop_candidates(store: Store, record: JobRecord, now: int, length: int) -> Iterable[JobRecord]:
    """End the candidates of an AutoML job; return the jobs of their steps."""
    candidates: list[Candidate] = record.facts.get("candidates", [])
    record.facts["candidates"] = [
        candidate._replace(timeline=_stopped(candidate.timeline, now, length, has_secondary=False))
        if candidate.timeline.current(now).status == "InProgress"
        else candidate
        for candidate in candidates
        if candidate.timeline.created <= now
    ]
    for candidate in candidates:
        for step in candidate.steps:
            region, _, path = step.arn.split(":", 3)[3].partition(":")
            kind = STEP_KINDS[step.type]
            found = store.table(region, kind).get(path.rpartition("/")[2])
            if isinstance(found, JobRecord):
                yield found


def _stopped(timeline: Timeline, now: int, length: int, *, has_secondary: bool) -> Timeline:
    """Return a timeline that is stopping from `now` on, and stopped after `length`."""
    phases = [
        Phase(at, status, status if has_secondary else "")
        for at, status in ((now, "Stopping"), (now + length, "Stopped"))
    ]
    return Timeline((*timeline.past(now), *phases))


STEP_KINDS = {
    "AWS::SageMaker::ProcessingJob": PROCESSING,
    "AWS::SageMaker::TrainingJob": TRAINING,
    "AWS::SageMaker::TransformJob": TRANSFORM,
}
STOPPED = {
    "StopProcessingJob": PROCESSING,
    "StopTrainingJob": TRAINING,
    "StopTransformJob": TRANSFORM,
    "StopAutoMLJob": AUTOML,
    "StopHyperParameterTuningJob": TUNING,
}
STOPS: dict[str, Operation] = {
    **dict.fromkeys(STOPPED, stop_job),
    "StopMonitoringSchedule": stop_schedule,
    "StartMonitoringSchedule": start_schedule,
}
