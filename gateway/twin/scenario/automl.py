"""AutoML jobs, their candidates, and the jobs that are the candidates' steps."""

from typing import NamedTuple

from gateway.twin.account import Place
from gateway.twin.kinds import AUTOML
from gateway.twin.records import SeededRecord
from gateway.twin.scenario.builder import Stage
from gateway.twin.scenario.candidates import Candidate, add_candidates
from gateway.twin.scenario.lifecycles import Step, index_of, lived, living
from gateway.twin.scenario.vocabulary import AUTOML_FAILURES
from gateway.twin.timeline import HOUR, MINUTE, Timeline

TUNING = ("ModelTuning", "TrainingModels")
AUTOML_WEIGHTS = {"ModelTuning": 30, "TrainingModels": 30, "AnalyzingData": 5}
OVER = {
    "Failed": "Failed",
    "Stopping": "Stopping",
    "Stopped": "Stopped",
    "Completed": "Completed",
    "MaxCandidatesReached": "Completed",
    "MaxAutoMLJobRuntimeReached": "Completed",
    "CandidateDefinitionsGenerated": "Completed",
    "ExplainabilityError": "Completed",
    "ModelInsightsError": "Completed",
    "ModelDeploymentError": "Completed",
}
ANALYSIS = ("Starting", "AnalyzingData", "FeatureEngineering", "ModelTuning")
REPORTS = ("GeneratingExplainabilityReport", "GeneratingModelInsightsReport")
DEEP = ("Starting", "PreTraining", "TrainingModels")


class AutoMLStory(NamedTuple):
    """An AutoML job to tell: what it solves, how it lives, where it is now (empty: over)."""

    problem: str
    life: tuple[str, ...]
    now: str = ""
    generation: int = 2
    candidates: int = 2


STORIES = (
    AutoMLStory("BinaryClassification", (*ANALYSIS, *REPORTS, "Completed")),
    AutoMLStory("Regression", (*ANALYSIS, *REPORTS, "Completed"), generation=1),
    AutoMLStory("TimeSeriesForecasting", (*DEEP, "Completed")),
    AutoMLStory("TextGeneration", (*DEEP, "Completed"), candidates=1),
    AutoMLStory("MulticlassClassification", (*ANALYSIS, *REPORTS, "MaxCandidatesReached")),
    AutoMLStory("ImageClassification", (*DEEP, "Completed"), candidates=1),
    AutoMLStory("TextClassification", (*DEEP, "MaxAutoMLJobRuntimeReached"), candidates=1),
    AutoMLStory("BinaryClassification", (*ANALYSIS, *REPORTS, "Completed"), "ModelTuning"),
    AutoMLStory("Regression", (*ANALYSIS, "Stopping", "Stopped"), "Stopping", generation=1),
    AutoMLStory("MulticlassClassification", (*ANALYSIS, "Stopping", "Stopped"), candidates=1),
    AutoMLStory("BinaryClassification", (*ANALYSIS, "Failed"), candidates=1),
    AutoMLStory("TimeSeriesForecasting", (*DEEP, "Failed"), candidates=0),
    AutoMLStory(
        "Regression", (*ANALYSIS[:2], "CandidateDefinitionsGenerated"), generation=1, candidates=0
    ),
    AutoMLStory("BinaryClassification", (*ANALYSIS, REPORTS[0], "ExplainabilityError")),
    AutoMLStory("Regression", (*ANALYSIS, *REPORTS, "ModelInsightsError"), generation=1),
    AutoMLStory(
        "TimeSeriesForecasting", (*DEEP, "DeployingModel", "ModelDeploymentError"), candidates=1
    ),
    AutoMLStory("BinaryClassification", (*ANALYSIS, *REPORTS, "Completed"), "Starting"),
    AutoMLStory("ImageClassification", (*DEEP, "Completed"), "PreTraining", candidates=1),
    AutoMLStory("MulticlassClassification", (*ANALYSIS, *REPORTS, "Completed"), "AnalyzingData"),
    AutoMLStory("BinaryClassification", (*ANALYSIS, *REPORTS, "Completed"), "FeatureEngineering"),
    AutoMLStory("TextGeneration", (*DEEP, "Completed"), "TrainingModels", candidates=1),
    AutoMLStory("Regression", (*ANALYSIS, *REPORTS, "Completed"), REPORTS[0], candidates=1),
    AutoMLStory(
        "BinaryClassification", (*ANALYSIS, *REPORTS, "Completed"), REPORTS[1], 1, candidates=1
    ),
    AutoMLStory(
        "TimeSeriesForecasting", (*DEEP, "DeployingModel", "Completed"), "DeployingModel", 2, 1
    ),
    AutoMLStory("TextClassification", (*DEEP, "Completed"), candidates=1),
    AutoMLStory("TimeSeriesForecasting", (*DEEP, "DeployingModel", "Completed"), candidates=1),
    AutoMLStory("TextGeneration", (*DEEP, "Completed"), candidates=1),
)


def tell_automl_story(stage: Stage, story: AutoMLStory) -> SeededRecord:
    """Add the AutoML job with everything that it started."""
    timeline = automl_timeline(stage, story)
    name = stage.name(AUTOML, stage.project(), timeline.created)
    job = add_automl(stage, story, name, timeline)
    add_candidates(stage, job, story.candidates, *tuning_window(timeline))
    return job


def automl_life(secondaries: tuple[str, ...]) -> tuple[Step, ...]:
    """Return a life from secondary statuses."""
    return tuple(
        Step(OVER.get(name, "InProgress"), name, AUTOML_WEIGHTS.get(name, 3))
        for name in secondaries
    )


def automl_timeline(stage: Stage, story: AutoMLStory) -> Timeline:
    """Return the job's life, over or at work as the story says."""
    steps = automl_life(story.life)
    length = stage.length(30 * MINUTE, 8 * HOUR)
    if not story.now:
        return lived(steps, stage.past(length), length)
    ends_in = stage.length(2 * HOUR, 12 * HOUR)
    return living(steps, index_of(steps, story.now), stage.started, length, ends_in)


def tuning_window(timeline: Timeline) -> tuple[int, int]:
    """When candidates are tried: from the begin of tuning to the begin of what comes then.

    A job that is being stopped keeps its candidates stopping until it has stopped itself.
    """
    phases = timeline.phases
    for number, phase in enumerate(phases):
        if phase.secondary in TUNING:
            after = phases[number + 1]
            return phase.at, timeline.last.at if after.status == "Stopping" else after.at
    return timeline.last.at, timeline.last.at


def add_automl(
    stage: Stage,
    story: AutoMLStory,
    name: str,
    timeline: Timeline,
    place: Place | None = None,
    **facts: object,
) -> SeededRecord:
    """Add an AutoML job without candidates."""
    where = place or stage.home
    reason = stage.dice(name).choice("failure", AUTOML_FAILURES)
    candidates: list[Candidate] = []
    return stage.add(
        AUTOML,
        story.problem,
        name,
        timeline,
        place,
        generation=story.generation,
        candidates=candidates,
        failure=reason.format(bucket=where.bucket, name=name),
        **facts,
    )
