"""Supporting roles with fixed names: jobs in a second region, and links to deleted jobs."""

from gateway.twin.account import Place
from gateway.twin.scenario.automl import (
    ANALYSIS,
    REPORTS,
    AutoMLStory,
    add_automl,
    automl_life,
    tuning_window,
)
from gateway.twin.scenario.builder import Stage
from gateway.twin.scenario.candidates import Candidate, CandidateStep, add_candidates
from gateway.twin.scenario.executions import Execution, Runs, add_history, attach
from gateway.twin.scenario.lifecycles import (
    PROCESSING_LIVES,
    TRAINING_LIVES,
    TRANSFORM_LIVES,
    TUNING_LIVES,
    lived,
)
from gateway.twin.scenario.monitoring import MonitoringStory, add_schedule
from gateway.twin.scenario.rule import Rule
from gateway.twin.scenario.standalone import add_processing
from gateway.twin.scenario.training import add_rule, add_training
from gateway.twin.scenario.transform import add_transform
from gateway.twin.scenario.tuning import STORIES as TUNING_STORIES
from gateway.twin.scenario.tuning import add_tuning
from gateway.twin.timeline import HOUR, MINUTE, Phase, Timeline

LIFE = (*ANALYSIS, *REPORTS, "Completed")
# The name of every job that has been deleted.
DELETED = "deleted-last-month"


def tell_abroad(stage: Stage) -> None:
    """Return a training job in the second region, watched from both regions; and more beside it."""
    place = stage.abroad
    timeline = lived(TRAINING_LIVES["completed"], stage.started - 9 * HOUR, 2 * HOUR)
    training = add_training(stage, "pytorch", "global-ranker-training", timeline, place)
    for rule, where in (("LossNotDecreasing", stage.home), ("ProfilerReport", place)):
        name = f"global-ranker-{rule}"
        add_rule(stage, training, rule, name, "NoIssuesFound", where)
    at_home = lived(TRAINING_LIVES["completed"], stage.started - 8 * HOUR, HOUR)
    watched = add_training(stage, "xgboost", "local-ranker-training", at_home)
    add_rule(stage, watched, "Overfit", "local-ranker-Overfit", "IssuesFound", place)
    story = AutoMLStory("Regression", LIFE)
    life = lived(automl_life(story.life), stage.started - 30 * HOUR, 4 * HOUR)
    automl = add_automl(stage, story, "global-autopilot", life, place)
    add_candidates(stage, automl, 2, *tuning_window(life))
    scored = lived(TRANSFORM_LIVES["Completed"], stage.started - 6 * HOUR, HOUR)
    add_transform(stage, "csv", "global-ranker-scoring", scored, place)
    tuned = lived(TUNING_LIVES["Completed"], stage.started - 20 * HOUR, 4 * HOUR)
    add_tuning(stage, TUNING_STORIES[0], "global-ranker-tuning", tuned, place)
    drift = MonitoringStory("ModelQuality", "endpoint", "Scheduled")
    schedule = add_schedule(stage, drift, "global-ranker-drift", place)
    add_history(stage, schedule, "Completed", 2)
    Runs(stage, schedule).go_on()


def tell_orphans(stage: Stage) -> None:
    """Add jobs whose links point to jobs that have been deleted, in every direction."""
    home = stage.home
    done = lived(PROCESSING_LIVES["Completed"], stage.started - 40 * HOUR, 9 * MINUTE)
    for name, flavour, fact, arn_type in (
        ("orphaned-rule-check", "rule", "training_job_arn", "training-job"),
        ("orphaned-autopilot-step", "automl", "automl_job_arn", "automl-job"),
        ("orphaned-monitor-run", "monitor", "schedule_arn", "monitoring-schedule"),
    ):
        links = {fact: home.arn(arn_type, DELETED)}
        add_processing(stage, flavour, name, done, None, rule="Overfit", **links)
    trained = lived(TRAINING_LIVES["completed"], stage.started - 41 * HOUR, HOUR)
    add_training(
        stage,
        "automl",
        "orphaned-autopilot-tuning",
        trained,
        automl_job_arn=home.arn("automl-job", DELETED),
    )
    tuned_by = home.arn("hyper-parameter-tuning-job", DELETED)
    add_training(stage, "tuning", "orphaned-tuning-trial", trained, tuning_job_arn=tuned_by)
    scored = lived(TRANSFORM_LIVES["Completed"], stage.started - 41 * HOUR, HOUR)
    scored_for = home.arn("automl-job", DELETED)
    name = "orphaned-autopilot-transform"
    add_transform(stage, "automl", name, scored, automl_job_arn=scored_for)
    watched = add_training(stage, "pytorch", "pricing-unwatched-training", trained)
    gone = home.arn("processing-job", DELETED)
    watched.facts["rules"].append(Rule("Overtraining", profiler=False, job_arn=gone, job=None))
    _tell_bereft_automl(stage, home, gone)
    drift = MonitoringStory("DataQuality", "batch", "Stopped")
    schedule = add_schedule(stage, drift, "pricing-drift-monitor")
    attach(schedule, Execution(stage.started - 47 * HOUR, "Completed", gone, None, ""))


def _tell_bereft_automl(stage: Stage, home: Place, gone: str) -> None:
    """Return an AutoML job whose only candidate lost the jobs of its steps."""
    story = AutoMLStory("BinaryClassification", LIFE)
    created, length = stage.started - 60 * HOUR, 3 * HOUR
    life = lived(automl_life(story.life), created, length)
    job = add_automl(stage, story, "pricing-autopilot", life)
    begin, end = tuning_window(life)
    lost = home.arn("training-job", DELETED)
    steps = [
        CandidateStep("AWS::SageMaker::ProcessingJob", gone, begin),
        CandidateStep("AWS::SageMaker::TrainingJob", lost, begin),
    ]
    timeline = Timeline((Phase(begin, "InProgress"), Phase(end, "Completed")))
    job.facts["candidates"].append(Candidate("pricing-autopilot-001", timeline, steps, 0.0))
