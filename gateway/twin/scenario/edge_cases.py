"""Jobs with fixed names for rare cases: a second region, and links to deleted jobs."""

from gateway.twin.account import Account
from gateway.twin.scenario.automl import (
    ANALYSIS,
    REPORTS,
    AutoMLSpec,
    add_automl,
    automl_lifecycle,
    tuning_window,
)
from gateway.twin.scenario.builder import ScenarioBuilder
from gateway.twin.scenario.candidates import Candidate, CandidateStep, add_candidates
from gateway.twin.scenario.lifecycles import (
    PROCESSING_LIFECYCLES,
    TRAINING_LIFECYCLES,
    TRANSFORM_LIFECYCLES,
    TUNING_LIFECYCLES,
    finished_timeline,
)
from gateway.twin.scenario.monitoring import (
    Execution,
    MonitoringSpec,
    ScheduledExecutions,
    add_history,
    add_schedule,
    attach,
)
from gateway.twin.scenario.processing import add_processing
from gateway.twin.scenario.training import Rule, add_rule, add_training
from gateway.twin.scenario.transform import add_transform
from gateway.twin.scenario.tuning import SPECS as TUNING_STORIES
from gateway.twin.scenario.tuning import add_tuning
from gateway.twin.timeline import HOUR, MINUTE, Phase, Timeline

LIFECYCLE = (*ANALYSIS, *REPORTS, "Completed")
# The name of every job that has been deleted.
DELETED = "deleted-last-month"


def add_second_region(builder: ScenarioBuilder) -> None:
    """Add jobs in the second region, and a training job with rules in both regions."""
    account = builder.second_region
    timeline = finished_timeline(
        TRAINING_LIFECYCLES["completed"], builder.started - 9 * HOUR, 2 * HOUR
    )
    training = add_training(builder, "pytorch", "global-ranker-training", timeline, account)
    for rule, where in (("LossNotDecreasing", builder.home), ("ProfilerReport", account)):
        name = f"global-ranker-{rule}"
        add_rule(builder, training, rule, name, "NoIssuesFound", where)
    at_home = finished_timeline(TRAINING_LIFECYCLES["completed"], builder.started - 8 * HOUR, HOUR)
    watched = add_training(builder, "xgboost", "local-ranker-training", at_home)
    add_rule(builder, watched, "Overfit", "local-ranker-Overfit", "IssuesFound", account)
    spec = AutoMLSpec("Regression", LIFECYCLE)
    lifecycle = finished_timeline(
        automl_lifecycle(spec.lifecycle), builder.started - 30 * HOUR, 4 * HOUR
    )
    automl = add_automl(builder, spec, "global-autopilot", lifecycle, account)
    add_candidates(builder, automl, 2, *tuning_window(lifecycle))
    scored = finished_timeline(TRANSFORM_LIFECYCLES["Completed"], builder.started - 6 * HOUR, HOUR)
    add_transform(builder, "csv", "global-ranker-scoring", scored, account)
    tuned = finished_timeline(TUNING_LIFECYCLES["Completed"], builder.started - 20 * HOUR, 4 * HOUR)
    add_tuning(builder, TUNING_STORIES[0], "global-ranker-tuning", tuned, account)
    drift = MonitoringSpec("ModelQuality", "endpoint", "Scheduled")
    schedule = add_schedule(builder, drift, "global-ranker-drift", account)
    add_history(builder, schedule, "Completed", 2)
    ScheduledExecutions(builder, schedule).schedule_next()


def add_dangling_links(builder: ScenarioBuilder) -> None:
    """Add jobs whose links point to jobs that have been deleted, in every direction."""
    home = builder.home
    done = finished_timeline(
        PROCESSING_LIFECYCLES["Completed"], builder.started - 40 * HOUR, 9 * MINUTE
    )
    for name, variant, fact, arn_type in (
        ("orphaned-rule-check", "rule", "training_job_arn", "training-job"),
        ("orphaned-autopilot-step", "automl", "automl_job_arn", "automl-job"),
        ("orphaned-monitor-run", "monitor", "schedule_arn", "monitoring-schedule"),
    ):
        links = {fact: home.arn(arn_type, DELETED)}
        add_processing(builder, variant, name, done, None, rule="Overfit", **links)
    gone = home.arn("processing-job", DELETED)
    _add_training_and_transform(builder, gone)
    _add_automl_without_steps(builder, home, gone)
    drift = MonitoringSpec("DataQuality", "batch", "Stopped")
    schedule = add_schedule(builder, drift, "pricing-drift-monitor")
    attach(schedule, Execution(builder.started - 47 * HOUR, "Completed", gone, None, ""))


def _add_training_and_transform(builder: ScenarioBuilder, gone: str) -> None:
    """Add training jobs and a transform job whose AutoML, tuning or rule job was deleted."""
    created, home = builder.started - 41 * HOUR, builder.home
    trained = finished_timeline(TRAINING_LIFECYCLES["completed"], created, HOUR)
    automl = home.arn("automl-job", DELETED)
    add_training(builder, "automl", "orphaned-autopilot-tuning", trained, automl_job_arn=automl)
    tuned_by = home.arn("hyper-parameter-tuning-job", DELETED)
    add_training(builder, "tuning", "orphaned-tuning-trial", trained, tuning_job_arn=tuned_by)
    scored = finished_timeline(TRANSFORM_LIFECYCLES["Completed"], created, HOUR)
    add_transform(builder, "automl", "orphaned-autopilot-transform", scored, automl_job_arn=automl)
    watched = add_training(builder, "pytorch", "pricing-unwatched-training", trained)
    watched.facts["rules"].append(Rule("Overtraining", profiler=False, job_arn=gone, job=None))


def _add_automl_without_steps(builder: ScenarioBuilder, home: Account, gone: str) -> None:
    """Add an AutoML job whose only candidate has steps that were deleted."""
    spec = AutoMLSpec("BinaryClassification", LIFECYCLE)
    created, length = builder.started - 60 * HOUR, 3 * HOUR
    lifecycle = finished_timeline(automl_lifecycle(spec.lifecycle), created, length)
    job = add_automl(builder, spec, "pricing-autopilot", lifecycle)
    begin, end = tuning_window(lifecycle)
    lost = home.arn("training-job", DELETED)
    steps = [
        CandidateStep("AWS::SageMaker::ProcessingJob", gone, begin),
        CandidateStep("AWS::SageMaker::TrainingJob", lost, begin),
    ]
    timeline = Timeline((Phase(begin, "InProgress"), Phase(end, "Completed")))
    job.facts["candidates"].append(Candidate("pricing-autopilot-001", timeline, steps, 0.0))
