"""The create operations: each adds a record whose describe answer follows from the request."""

from typing import NamedTuple

from gateway.twin.account import Account
from gateway.twin.answers.created_tuning import definitions_of, training_request
from gateway.twin.answers.describer import Describer
from gateway.twin.call import Call, Operation
from gateway.twin.errors import AwsError, invalid
from gateway.twin.kinds import AUTOML, PROCESSING, SCHEDULE, TRAINING, TRANSFORM, TUNING, Kind
from gateway.twin.records import Answer, JobRecord
from gateway.twin.scenario.automl import ANALYSIS, DEEP, REPORTS, automl_lifecycle
from gateway.twin.scenario.lifecycles import (
    PROCESSING_LIFECYCLES,
    SCHEDULE_LIFECYCLE,
    TRAINING_LIFECYCLES,
    TRANSFORM_LIFECYCLES,
    TUNING_LIFECYCLES,
    Step,
    finished_timeline,
)
from gateway.twin.seeded_random import SeededChoices
from gateway.twin.store import Store


class Creation(NamedTuple):
    """A create operation: what it creates, and the lifecycle of that."""

    kind: Kind
    steps: tuple[Step, ...]

    def create(self, store: Store, call: Call) -> Answer:
        """Add the record; answer with its ARN."""
        kind, name = self.kind, call.params[self.kind.name]
        _check_name(store, call, kind, name)
        request = _second_generation(call.params) if call.operation == FIRST_GENERATION else None
        account = Account(store.account_id, call.region)
        timeline = finished_timeline(self.steps_of(call.params), call.now, store.job_duration)
        arn = account.arn(kind.arn_type, name)
        record = JobRecord(kind, call.region, name, arn, timeline)
        record.request = request or call.params
        record.ordinal = len(store.table(call.region, kind))
        # What callers create does not depend on the seed.
        record.describer = Describer(account, seed=0)
        if request is not None:
            record.facts["generation"] = 1
        store.add(record)
        if kind is TUNING:
            _start_training_jobs(store, record, call.now)
        return {kind.arn: arn}

    def steps_of(self, params: Answer) -> tuple[Step, ...]:
        """Return the lifecycle: that of an AutoML job depends on its problem."""
        if self.kind is not AUTOML or "TabularJobConfig" in params.get(PROBLEM, TABULAR):
            return self.steps
        return automl_lifecycle((*DEEP, "Completed"))


# A created tuning job starts no more training jobs than this.
MOST_TRAINING_JOBS = 10
PROBLEM = "AutoMLProblemTypeConfig"
TABULAR: Answer = {"TabularJobConfig": {}}
FIRST_GENERATION = "CreateAutoMLJob"
TABULAR_STEPS = automl_lifecycle((*ANALYSIS, *REPORTS, "Completed"))
CREATIONS: dict[str, Operation] = {
    "CreateProcessingJob": Creation(PROCESSING, PROCESSING_LIFECYCLES["Completed"]).create,
    "CreateTrainingJob": Creation(TRAINING, TRAINING_LIFECYCLES["completed"]).create,
    "CreateTransformJob": Creation(TRANSFORM, TRANSFORM_LIFECYCLES["Completed"]).create,
    "CreateAutoMLJobV2": Creation(AUTOML, TABULAR_STEPS).create,
    FIRST_GENERATION: Creation(AUTOML, TABULAR_STEPS).create,
    "CreateHyperParameterTuningJob": Creation(TUNING, TUNING_LIFECYCLES["Completed"]).create,
    "CreateMonitoringSchedule": Creation(SCHEDULE, SCHEDULE_LIFECYCLE).create,
}


def _start_training_jobs(store: Store, tuning: JobRecord, now: int) -> None:
    """Add the training jobs of a tuning job, one after the other as long as it lasts."""
    request, account = tuning.request or {}, Account(store.account_id, tuning.region)
    definitions = definitions_of(request)
    limits = request["HyperParameterTuningJobConfig"]["ResourceLimits"]
    count = min(MOST_TRAINING_JOBS, limits.get("MaxNumberOfTrainingJobs", 1))
    jobs: list[JobRecord] = tuning.facts.setdefault("training_jobs", [])
    length = store.job_duration // count
    for number in range(count if definitions else 0):
        name = f"{tuning.name}-{number + 1:03d}-{SeededChoices(number, tuning.name).hex('', 8)}"
        begin = now + number * length
        timeline = finished_timeline(TRAINING_LIFECYCLES["completed"], begin, length)
        arn = account.arn(TRAINING.arn_type, name)
        job = JobRecord(TRAINING, tuning.region, name, arn, timeline, tuning_job_arn=tuning.arn)
        job.describer, job.ordinal = tuning.describer, number
        definition = definitions[number % len(definitions)]
        job.request = training_request(request, definition, name, SeededChoices(0, name))
        jobs.append(job)
        store.add(job)


def _check_name(store: Store, call: Call, kind: Kind, name: str) -> None:
    existing = store.table(call.region, kind).get(name)
    if existing is not None:
        raise AwsError(
            "ResourceInUse",
            "Job name must be unique within an AWS account and region, and a job with this name "
            f"already exists ({existing.arn})",
        )
    keys = [tag["Key"].lower() for tag in call.params.get("Tags") or ()]
    if len(set(keys)) < len(keys):
        raise invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.")


def _second_generation(params: Answer) -> Answer:
    """Return the request of CreateAutoMLJob as CreateAutoMLJobV2 would take it."""
    config = params.get("AutoMLJobConfig", {})
    channels = [dict(channel) for channel in params["InputDataConfig"]]
    targets = [channel.pop("TargetAttributeName") for channel in channels]
    generation = dict(config.get("CandidateGenerationConfig", {}))
    features = generation.pop("FeatureSpecificationS3Uri", None)
    tabular = {
        "TargetAttributeName": targets[0],
        "CandidateGenerationConfig": generation,
        "FeatureSpecificationS3Uri": features,
        "CompletionCriteria": config.get("CompletionCriteria"),
        "Mode": config.get("Mode"),
        "ProblemType": params.get("ProblemType"),
        "GenerateCandidateDefinitionsOnly": params.get("GenerateCandidateDefinitionsOnly"),
    }
    return {
        **params,
        "AutoMLJobInputDataConfig": channels,
        "SecurityConfig": config.get("SecurityConfig"),
        "DataSplitConfig": config.get("DataSplitConfig"),
        PROBLEM: {"TabularJobConfig": {name: each for name, each in tabular.items() if each}},
    }
