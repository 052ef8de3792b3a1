"""AutoML jobs, their candidates, and the jobs that are the candidates' steps."""

from typing import NamedTuple

from gateway.twin.account import Account
from gateway.twin.kinds import AUTOML
from gateway.twin.records import JobRecord
from gateway.twin.scenario.builder import ScenarioBuilder
from gateway.twin.scenario.candidates import Candidate, add_candidates
from gateway.twin.scenario.lifecycles import Step, finished_timeline, index_of, running_timeline
from gateway.twin.scenario.vocabulary import AUTOML_FAILURES
from gateway.twin.timeline import HOUR, MINUTE, Timeline

TUNING = ("ModelTuning", "TrainingModels")
AUTOML_WEIGHTS = {"ModelTuning": 30, "TrainingModels": 30, "AnalyzingData": 5}
FINAL_STATUSES = {
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


class AutoMLSpec(NamedTuple):
    """An AutoML job: its problem, its lifecycle, and its secondary status now (empty: ended)."""

    problem: str
    lifecycle: tuple[str, ...]
    now: str = ""
    generation: int = 2
    candidates: int = 2


SPECS = (
    AutoMLSpec("BinaryClassification", (*ANALYSIS, *REPORTS, "Completed")),
    AutoMLSpec("Regression", (*ANALYSIS, *REPORTS, "Completed"), generation=1),
    AutoMLSpec("TimeSeriesForecasting", (*DEEP, "Completed")),
    AutoMLSpec("TextGeneration", (*DEEP, "Completed"), candidates=1),
    AutoMLSpec("MulticlassClassification", (*ANALYSIS, *REPORTS, "MaxCandidatesReached")),
    AutoMLSpec("ImageClassification", (*DEEP, "Completed"), candidates=1),
    AutoMLSpec("TextClassification", (*DEEP, "MaxAutoMLJobRuntimeReached"), candidates=1),
    AutoMLSpec("BinaryClassification", (*ANALYSIS, *REPORTS, "Completed"), "ModelTuning"),
    AutoMLSpec("Regression", (*ANALYSIS, "Stopping", "Stopped"), "Stopping", generation=1),
    AutoMLSpec("MulticlassClassification", (*ANALYSIS, "Stopping", "Stopped"), candidates=1),
    AutoMLSpec("BinaryClassification", (*ANALYSIS, "Failed"), candidates=1),
    AutoMLSpec("TimeSeriesForecasting", (*DEEP, "Failed"), candidates=0),
    AutoMLSpec(
        "Regression", (*ANALYSIS[:2], "CandidateDefinitionsGenerated"), generation=1, candidates=0
    ),
    AutoMLSpec("BinaryClassification", (*ANALYSIS, REPORTS[0], "ExplainabilityError")),
    AutoMLSpec("Regression", (*ANALYSIS, *REPORTS, "ModelInsightsError"), generation=1),
    AutoMLSpec(
        "TimeSeriesForecasting", (*DEEP, "DeployingModel", "ModelDeploymentError"), candidates=1
    ),
    AutoMLSpec("BinaryClassification", (*ANALYSIS, *REPORTS, "Completed"), "Starting"),
    AutoMLSpec("ImageClassification", (*DEEP, "Completed"), "PreTraining", candidates=1),
    AutoMLSpec("MulticlassClassification", (*ANALYSIS, *REPORTS, "Completed"), "AnalyzingData"),
    AutoMLSpec("BinaryClassification", (*ANALYSIS, *REPORTS, "Completed"), "FeatureEngineering"),
    AutoMLSpec("TextGeneration", (*DEEP, "Completed"), "TrainingModels", candidates=1),
    AutoMLSpec("Regression", (*ANALYSIS, *REPORTS, "Completed"), REPORTS[0], candidates=1),
    AutoMLSpec(
        "BinaryClassification", (*ANALYSIS, *REPORTS, "Completed"), REPORTS[1], 1, candidates=1
    ),
    AutoMLSpec(
        "TimeSeriesForecasting", (*DEEP, "DeployingModel", "Completed"), "DeployingModel", 2, 1
    ),
    AutoMLSpec("TextClassification", (*DEEP, "Completed"), candidates=1),
    AutoMLSpec("TimeSeriesForecasting", (*DEEP, "DeployingModel", "Completed"), candidates=1),
    AutoMLSpec("TextGeneration", (*DEEP, "Completed"), candidates=1),
)


def add_automl_spec(builder: ScenarioBuilder, spec: AutoMLSpec) -> JobRecord:
    """Add the AutoML job with everything that it started."""
    timeline = automl_timeline(builder, spec)
    name = builder.name(AUTOML, builder.project(), timeline.created)
    job = add_automl(builder, spec, name, timeline)
    add_candidates(builder, job, spec.candidates, *tuning_window(timeline))
    return job


def automl_lifecycle(secondaries: tuple[str, ...]) -> tuple[Step, ...]:
    """Return the steps of an AutoML job with these secondary statuses."""
    return tuple(
        Step(FINAL_STATUSES.get(name, "InProgress"), name, AUTOML_WEIGHTS.get(name, 3))
        for name in secondaries
    )


def automl_timeline(builder: ScenarioBuilder, spec: AutoMLSpec) -> Timeline:
    """Return the job's timeline, ended or running as the spec says."""
    steps = automl_lifecycle(spec.lifecycle)
    length = builder.length(30 * MINUTE, 8 * HOUR)
    if not spec.now:
        return finished_timeline(steps, builder.past(length), length)
    ends_in = builder.length(2 * HOUR, 12 * HOUR)
    return running_timeline(steps, index_of(steps, spec.now), builder.started, length, ends_in)


def tuning_window(timeline: Timeline) -> tuple[int, int]:
    """Return when candidates are tried: from the beginning of tuning to the next phase.

    While a job is stopping, its candidates are stopping too.
    """
    phases = timeline.phases
    for number, phase in enumerate(phases):
        if phase.secondary in TUNING:
            after = phases[number + 1]
            return phase.at, timeline.last.at if after.status == "Stopping" else after.at
    return timeline.last.at, timeline.last.at


def add_automl(
    builder: ScenarioBuilder,
    spec: AutoMLSpec,
    name: str,
    timeline: Timeline,
    account: Account | None = None,
    **facts: object,
) -> JobRecord:
    """Add an AutoML job without candidates."""
    where = account or builder.home
    reason = builder.choices(name).choice("failure", AUTOML_FAILURES)
    candidates: list[Candidate] = []
    return builder.add(
        AUTOML,
        spec.problem,
        name,
        timeline,
        account,
        generation=spec.generation,
        candidates=candidates,
        failure=reason.format(bucket=where.bucket, name=name),
        **facts,
    )
