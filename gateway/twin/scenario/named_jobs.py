"""The cast: jobs with fixed names that play in every scenario, whatever the seed."""

from gateway.twin.records import SeededRecord
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
from gateway.twin.scenario.executions import PENDING, Execution, Runs, add_execution, attach
from gateway.twin.scenario.lifecycles import (
    PROCESSING_LIVES,
    TRAINING_LIVES,
    TRANSFORM_LIVES,
    index_of,
    lived,
    living,
)
from gateway.twin.scenario.monitoring import MonitoringStory, add_schedule
from gateway.twin.scenario.rule import Rule
from gateway.twin.scenario.standalone import add_processing
from gateway.twin.scenario.supporting import tell_abroad, tell_orphans
from gateway.twin.scenario.training import add_rules, add_training
from gateway.twin.scenario.transform import add_transform
from gateway.twin.scenario.tuning import add_named_tunings
from gateway.twin.timeline import HOUR, MINUTE, SECOND

LINKED = "churn-model-quality-check"
FAILED = "orders-feature-engineering"
SCHEDULE_NAME = "churn-data-quality-monitor"
TRAINING_NAME = "churn-xgboost-training"
TRANSFORM_NAME = "churn-batch-scoring"
AUTOML_NAME = "churn-autopilot"
MANY_TAGS = {f"feature-{number:02d}": f"owner-{number % 7}" for number in range(44)}
TABULAR_LIFE = (*ANALYSIS, *REPORTS, "Completed")


class Cast:
    """Tells the stories that demonstrations and tests can rely on."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def tell(self) -> None:
        """Add all of them."""
        self._tell_linked()
        self._tell_failed()
        self._tell_soon()
        self._add_scoring()
        add_named_tunings(self._stage)
        tell_abroad(self._stage)
        tell_orphans(self._stage)

    def examples(self) -> dict[str, str]:
        """Return names for a demonstration, by what they show."""
        return {
            "processingJob": LINKED,
            "failedProcessingJob": FAILED,
            "runningProcessingJob": "clickstream-sessionize",
            "monitoringSchedule": SCHEDULE_NAME,
            "trainingJob": TRAINING_NAME,
            "autoMLJob": AUTOML_NAME,
        }

    def _tell_linked(self) -> None:
        """Tell of a processing job with all three links, each of them held from both ends."""
        stage = self._stage
        training = self._add_training()
        automl = self._add_automl()
        schedule = add_schedule(
            stage, MonitoringStory("DataQuality", "endpoint", "Scheduled"), SCHEDULE_NAME
        )
        # The next execution comes while somebody watches the demonstration.
        created = stage.started - HOUR + 40 * SECOND
        for earlier in (2, 1):
            add_execution(stage, schedule, created - earlier * HOUR, "Completed")
        job = add_processing(
            stage,
            "monitor",
            LINKED,
            lived(PROCESSING_LIVES["Completed"], created + PENDING, 6 * MINUTE),
            training_job_arn=training.arn,
            automl_job_arn=automl.arn,
            schedule_arn=schedule.arn,
            schedule=SCHEDULE_NAME,
            outcome="IssuesFound",
            instances=["ml.m5.xlarge"],
        )
        rule = Rule("ModelQuality", profiler=False, job_arn=job.arn, job=job)
        training.facts["rules"].append(rule)
        best: Candidate = automl.facts["candidates"][0]
        best.steps.append(CandidateStep("AWS::SageMaker::ProcessingJob", job.arn, job.created))
        attach(schedule, Execution(created, "CompletedWithViolations", job.arn, job, ""))
        Runs(stage, schedule).go_on()

    def _add_training(self) -> SeededRecord:
        stage = self._stage
        timeline = lived(TRAINING_LIVES["completed"], stage.started - 70 * MINUTE, 40 * MINUTE)
        facts = {"tags": MANY_TAGS, "instances": ["ml.m5.4xlarge"]}
        training = add_training(stage, "xgboost", TRAINING_NAME, timeline, None, **facts)
        add_rules(stage, training, 1)
        return training

    def _add_automl(self) -> SeededRecord:
        stage = self._stage
        story = AutoMLStory("BinaryClassification", TABULAR_LIFE)
        life = automl_life(story.life)
        timeline = lived(life, stage.started - 150 * MINUTE, 135 * MINUTE)
        automl = add_automl(stage, story, AUTOML_NAME, timeline)
        add_candidates(stage, automl, 3, *tuning_window(timeline))
        return automl

    def _add_scoring(self) -> None:
        stage = self._stage
        timeline = lived(TRANSFORM_LIVES["Completed"], stage.started - 25 * MINUTE, 12 * MINUTE)
        add_transform(stage, "csv", TRANSFORM_NAME, timeline, model="churn-xgboost-model")

    def _tell_failed(self) -> None:
        stage = self._stage
        timeline = lived(PROCESSING_LIVES["Failed"], stage.started - 50 * MINUTE, 18 * MINUTE)
        add_processing(
            stage,
            "sklearn",
            FAILED,
            timeline,
            failure="AlgorithmError: See job logs for more information",
            exit_message="Traceback (most recent call last):\n"
            '  File "/opt/ml/processing/input/code/preprocess.py", line 88, in <module>\n'
            "    features = orders.merge(customers, on='customer_id', validate='m:1')\n"
            "pandas.errors.MergeError: Merge keys are not unique in right dataset; "
            "not a many-to-one merge",
            instances=["ml.m5.2xlarge"],
        )

    def _tell_soon(self) -> None:
        """Add jobs at work that end within the first minute and a half."""
        stage = self._stage
        for name, flavour, life, seconds in (
            ("clickstream-sessionize", "spark", "Completed", 35),
            ("invoice-ocr-batch", "pytorch", "Failed", 50),
            ("fraud-score-backfill", "sklearn", "Stopped", 60),
        ):
            steps = PROCESSING_LIVES[life]
            timeline = living(steps, 1, stage.started, 12 * MINUTE, seconds * SECOND)
            add_processing(stage, flavour, name, timeline)
        for name, flavour, life, seconds, rules in (
            ("fraud-detector-training", "pytorch", "completed", 80, 2),
            ("support-assistant-tuning", "serverless", "failed", 60, 0),
        ):
            plan = TRAINING_LIVES[life]
            at = index_of(plan, "Training")
            timeline = living(plan, at, stage.started, 25 * MINUTE, seconds * SECOND)
            add_rules(stage, add_training(stage, flavour, name, timeline), rules)
        steps = TRANSFORM_LIVES["Completed"]
        timeline = living(steps, 1, stage.started, 14 * MINUTE, 75 * SECOND)
        add_transform(stage, "csv", "returns-batch-scoring", timeline)
        story = AutoMLStory("BinaryClassification", TABULAR_LIFE, "ModelTuning")
        life_of_story = automl_life(story.life)
        at = index_of(life_of_story, "ModelTuning")
        timeline = living(life_of_story, at, stage.started, 3 * HOUR, 90 * SECOND)
        automl = add_automl(stage, story, "returns-autopilot", timeline)
        add_candidates(stage, automl, 2, *tuning_window(timeline))
