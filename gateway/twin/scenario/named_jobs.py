"""Jobs with fixed names that are in every scenario, whatever the seed."""

from gateway.twin.records import JobRecord
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
from gateway.twin.scenario.edge_cases import add_dangling_links, add_second_region
from gateway.twin.scenario.lifecycles import (
    PROCESSING_LIFECYCLES,
    TRAINING_LIFECYCLES,
    TRANSFORM_LIFECYCLES,
    finished_timeline,
    index_of,
    running_timeline,
)
from gateway.twin.scenario.monitoring import (
    PENDING,
    Execution,
    MonitoringSpec,
    ScheduledExecutions,
    add_execution,
    add_schedule,
    attach,
)
from gateway.twin.scenario.processing import add_processing
from gateway.twin.scenario.training import Rule, add_rules, add_training
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
TABULAR_LIFECYCLE = (*ANALYSIS, *REPORTS, "Completed")


EXAMPLES = {
    "processingJob": LINKED,
    "failedProcessingJob": FAILED,
    "runningProcessingJob": "clickstream-sessionize",
    "monitoringSchedule": SCHEDULE_NAME,
    "trainingJob": TRAINING_NAME,
    "autoMLJob": AUTOML_NAME,
}
"""Names for a demonstration, by what they show."""


class NamedJobs:
    """The jobs that demonstrations and tests can rely on."""

    def __init__(self, builder: ScenarioBuilder) -> None:
        self._builder = builder

    def add(self) -> None:
        """Add all of them."""
        self._add_linked()
        self._add_failed()
        self._add_ending_soon()
        self._add_scoring()
        add_named_tunings(self._builder)
        add_second_region(self._builder)
        add_dangling_links(self._builder)

    def _add_linked(self) -> None:
        """Add a processing job with all three links, each present at both ends."""
        builder = self._builder
        training = self._add_training()
        automl = self._add_automl()
        schedule = add_schedule(
            builder, MonitoringSpec("DataQuality", "endpoint", "Scheduled"), SCHEDULE_NAME
        )
        # The next execution comes while somebody watches the demonstration.
        created = builder.started - HOUR + 40 * SECOND
        for earlier in (2, 1):
            add_execution(builder, schedule, created - earlier * HOUR, "Completed")
        job = add_processing(
            builder,
            "monitor",
            LINKED,
            finished_timeline(PROCESSING_LIFECYCLES["Completed"], created + PENDING, 6 * MINUTE),
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
        ScheduledExecutions(builder, schedule).schedule_next()

    def _add_training(self) -> JobRecord:
        builder = self._builder
        timeline = finished_timeline(
            TRAINING_LIFECYCLES["completed"], builder.started - 70 * MINUTE, 40 * MINUTE
        )
        facts = {"tags": MANY_TAGS, "instances": ["ml.m5.4xlarge"]}
        training = add_training(builder, "xgboost", TRAINING_NAME, timeline, None, **facts)
        add_rules(builder, training, 1)
        return training

    def _add_automl(self) -> JobRecord:
        builder = self._builder
        spec = AutoMLSpec("BinaryClassification", TABULAR_LIFECYCLE)
        lifecycle = automl_lifecycle(spec.lifecycle)
        timeline = finished_timeline(lifecycle, builder.started - 150 * MINUTE, 135 * MINUTE)
        automl = add_automl(builder, spec, AUTOML_NAME, timeline)
        add_candidates(builder, automl, 3, *tuning_window(timeline))
        return automl

    def _add_scoring(self) -> None:
        builder = self._builder
        timeline = finished_timeline(
            TRANSFORM_LIFECYCLES["Completed"], builder.started - 25 * MINUTE, 12 * MINUTE
        )
        add_transform(builder, "csv", TRANSFORM_NAME, timeline, model="churn-xgboost-model")

    def _add_failed(self) -> None:
        builder = self._builder
        timeline = finished_timeline(
            PROCESSING_LIFECYCLES["Failed"], builder.started - 50 * MINUTE, 18 * MINUTE
        )
        add_processing(
            builder,
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

    def _add_ending_soon(self) -> None:
        """Add running jobs that end within the first minute and a half."""
        builder = self._builder
        for name, variant, lifecycle, seconds in (
            ("clickstream-sessionize", "spark", "Completed", 35),
            ("invoice-ocr-batch", "pytorch", "Failed", 50),
            ("fraud-score-backfill", "sklearn", "Stopped", 60),
        ):
            steps = PROCESSING_LIFECYCLES[lifecycle]
            timeline = running_timeline(steps, 1, builder.started, 12 * MINUTE, seconds * SECOND)
            add_processing(builder, variant, name, timeline)
        for name, variant, lifecycle, seconds, rules in (
            ("fraud-detector-training", "pytorch", "completed", 80, 2),
            ("support-assistant-tuning", "serverless", "failed", 60, 0),
        ):
            steps = TRAINING_LIFECYCLES[lifecycle]
            at = index_of(steps, "Training")
            timeline = running_timeline(steps, at, builder.started, 25 * MINUTE, seconds * SECOND)
            add_rules(builder, add_training(builder, variant, name, timeline), rules)
        steps = TRANSFORM_LIFECYCLES["Completed"]
        timeline = running_timeline(steps, 1, builder.started, 14 * MINUTE, 75 * SECOND)
        add_transform(builder, "csv", "returns-batch-scoring", timeline)
        spec = AutoMLSpec("BinaryClassification", TABULAR_LIFECYCLE, "ModelTuning")
        steps = automl_lifecycle(spec.lifecycle)
        at = index_of(steps, "ModelTuning")
        timeline = running_timeline(steps, at, builder.started, 3 * HOUR, 90 * SECOND)
        automl = add_automl(builder, spec, "returns-autopilot", timeline)
        add_candidates(builder, automl, 2, *tuning_window(timeline))
