"""Monitoring schedules, and the processing jobs that they run again and again."""

from typing import NamedTuple

from gateway.twin.account import Place
from gateway.twin.kinds import SCHEDULE
from gateway.twin.records import SeededRecord
from gateway.twin.scenario.builder import Stage
from gateway.twin.scenario.executions import DAILY, HOURLY, Execution, Runs, add_history
from gateway.twin.scenario.vocabulary import SCHEDULE_FAILURES
from gateway.twin.timeline import DAY, MINUTE, SECOND, Phase, Timeline


class MonitoringStory(NamedTuple):
    """A schedule to tell: what it watches, its status, how its last execution stands."""

    monitoring_type: str
    source: str
    status: str
    last: str = ""
    history: int = 0
    period: int = HOURLY
    inline: bool = True


STORIES = (
    MonitoringStory("DataQuality", "endpoint", "Scheduled", "Completed", 3),
    MonitoringStory("ModelQuality", "endpoint", "Scheduled", "CompletedWithViolations", 3),
    MonitoringStory("ModelBias", "endpoint", "Scheduled", "Failed", 2, inline=False),
    MonitoringStory("ModelExplainability", "batch", "Scheduled", "InProgress", 2),
    MonitoringStory("DataQuality", "batch", "Scheduled", "Stopping", 2),
    MonitoringStory("ModelQuality", "endpoint", "Stopped", "Stopped", 2, inline=False),
    MonitoringStory("ModelBias", "batch", "Scheduled", "Pending", 2),
    MonitoringStory("ModelExplainability", "endpoint", "Failed"),
    MonitoringStory("DataQuality", "endpoint", "Pending"),
    MonitoringStory("DataQuality", "batch", "Scheduled", "Completed", 2, DAILY),
)


def tell_monitoring_story(stage: Stage, story: MonitoringStory) -> SeededRecord:
    """Add a schedule, its past executions, and the promise of more."""
    project = stage.project()
    base = f"{project}-{_dashed(story.monitoring_type)}-{stage.rng.getrandbits(20):05x}"
    schedule = add_schedule(stage, story, base)
    add_history(stage, schedule, story.last, story.history)
    if story.status == "Scheduled":
        Runs(stage, schedule).go_on()
    return schedule


def add_schedule(
    stage: Stage, story: MonitoringStory, name: str, place: Place | None = None, **facts: object
) -> SeededRecord:
    """Add a schedule that has not run yet."""
    where = place or stage.home
    dice = stage.dice(name)
    executions: list[Execution] = []
    reason = dice.choice("failure", SCHEDULE_FAILURES)
    return stage.add(
        SCHEDULE,
        story.source,
        name,
        schedule_timeline(stage, story),
        place,
        monitoring_type=story.monitoring_type,
        inline=story.inline,
        period=story.period,
        endpoint=f"{name[:40]}-endpoint" if story.source == "endpoint" else None,
        executions=executions,
        failure=reason.format(bucket=where.bucket, name=name),
        **facts,
    )


def schedule_timeline(stage: Stage, story: MonitoringStory) -> Timeline:
    """Pending for a minute, then scheduled, then perhaps stopped or failed."""
    if story.status == "Pending":
        created = stage.started - 30 * SECOND
        return Timeline((Phase(created, "Pending"), Phase(created + 90 * SECOND, "Scheduled")))
    created = stage.started - stage.length(DAY * 5, DAY * 90)
    phases = [Phase(created, "Pending"), Phase(created + MINUTE, "Scheduled")]
    if story.status != "Scheduled":
        phases.append(Phase(stage.started - stage.length(), story.status))
    return Timeline(phases)


def _dashed(words: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in words)[1:]
