"""The describe operations."""

from gateway.twin.call import Call
from gateway.twin.errors import invalid
from gateway.twin.kinds import AUTOML, BY_DESCRIBE
from gateway.twin.model import output_shape
from gateway.twin.records import Answer, JobRecord, Record
from gateway.twin.store import Store


def describe(store: Store, call: Call) -> bytes:
    """Return one resource by its name, or AWS's error when there is none."""
    kind = BY_DESCRIBE[call.operation]
    name = call.params[kind.name]
    record = store.find(call.region, kind, name, call.now)
    if record is None:
        raise kind.missing(name)
    return store.rendered(record, call.now, whole)


def whole(_record: Record, answer: Answer, _now: int) -> Answer:
    """Return the view of a describe operation: everything."""
    return answer


def describe_first_generation(store: Store, call: Call) -> Answer:
    """DescribeAutoMLJob: only jobs that were created by the first generation's call."""
    name = call.params[AUTOML.name]
    record = store.find(call.region, AUTOML, name, call.now)
    if record is None:
        raise AUTOML.missing(name)
    if not isinstance(record, JobRecord) or record.facts.get("generation") != 1:
        raise invalid(
            f"AutoML job {name} was created by CreateAutoMLJobV2; describe it with "
            "DescribeAutoMLJobV2."
        )
    return first_generation(store.answer(record, call.now))


def first_generation(answer: Answer) -> Answer:
    """Return what DescribeAutoMLJob says about a job, from what DescribeAutoMLJobV2 says."""
    tabular = answer["AutoMLProblemTypeConfig"]["TabularJobConfig"]
    target = tabular["TargetAttributeName"]
    result = dict(answer)
    result["InputDataConfig"] = [
        {**channel, "TargetAttributeName": target} for channel in answer["AutoMLJobInputDataConfig"]
    ]
    result["AutoMLJobConfig"] = _job_config(answer, tabular)
    result |= {
        name: tabular[name]
        for name in ("ProblemType", "GenerateCandidateDefinitionsOnly")
        if name in tabular
    }
    if "ResolvedAttributes" in answer:
        result["ResolvedAttributes"] = _resolved(answer["ResolvedAttributes"])
    return {
        name: result[name] for name in output_shape("DescribeAutoMLJob").members if name in result
    }


def _job_config(answer: Answer, tabular: Answer) -> Answer:
    config = {name: tabular[name] for name in ("CompletionCriteria", "Mode") if name in tabular} | {
        name: answer[name] for name in ("SecurityConfig", "DataSplitConfig") if name in answer
    }
    generation = dict(tabular.get("CandidateGenerationConfig", {}))
    if "FeatureSpecificationS3Uri" in tabular:
        generation["FeatureSpecificationS3Uri"] = tabular["FeatureSpecificationS3Uri"]
    return config | ({"CandidateGenerationConfig": generation} if generation else {})


def _resolved(attributes: Answer) -> Answer:
    result = {
        name: attributes[name]
        for name in ("AutoMLJobObjective", "CompletionCriteria")
        if name in attributes
    }
    by_type = attributes.get("AutoMLProblemTypeResolvedAttributes", {})
    problem = by_type.get("TabularResolvedAttributes", {}).get("ProblemType")
    return result | ({"ProblemType": problem} if problem else {})
