"""The debugger and profiler rules of a training job, as that job tells about them."""

from typing import Any

from gateway.twin.answers.context import Pen
from gateway.twin.records import Answer, SeededRecord
from gateway.twin.scenario.rule import Rule
from gateway.twin.synthesis.filler import ABSENT
from gateway.twin.timeline import NEVER, moment, soonest

DETAILS = {
    "IssuesFound": "RuleEvaluationConditionMet: Evaluation of the rule {rule} at step 500 "
    "resulted in the condition being met",
    "Error": "InternalServerError: We encountered an internal error. Please try again.",
}


def rule_members(pen: Pen) -> Answer:
    """Return configurations and statuses of all rules; nothing of them for jobs that have none."""
    rules: list[Rule] = pen.fact("rules", [])
    members: dict[str, Any] = {}
    for kind, profiler in (("Debug", False), ("Profiler", True)):
        chosen = [rule for rule in rules if rule.profiler is profiler]
        configurations = [_configuration(pen, rule) for rule in chosen]
        members[f"{kind}RuleConfigurations"] = configurations or ABSENT
        members[f"{kind}RuleEvaluationStatuses"] = [
            _evaluation(pen, rule) for rule in chosen
        ] or ABSENT
    if not rules:
        members |= {"DebugHookConfig": ABSENT, "ProfilerConfig": ABSENT}
    members["ProfilingStatus"] = "Enabled" if rules else "Disabled"
    return members


def rules_change(pen: Pen) -> int:
    """When the status of a rule changes next."""
    rules: list[Rule] = pen.fact("rules", [])
    return min(soonest(pen.now, [rule.job.timeline for rule in rules if rule.job]), NEVER)


def _configuration(pen: Pen, rule: Rule) -> Answer:
    return {
        "RuleConfigurationName": rule.name,
        "RuleEvaluatorImage": pen.place.image("sagemaker-debugger-rules", "latest"),
        "RuleParameters": {"rule_to_invoke": rule.name},
        "S3OutputPath": pen.s3("rule-output"),
        "LocalPath": "/opt/ml/processing/output/rule",
    }


def _evaluation(pen: Pen, rule: Rule) -> Answer:
    job = rule.job
    status = rule_status(job, pen.now) if job else "NoIssuesFound"
    begun = job is None or job.created <= pen.now
    modified = job.modified(pen.now) if job and begun else pen.record.modified(pen.now)
    details = DETAILS.get(status)
    return {
        "RuleConfigurationName": rule.name,
        "RuleEvaluationJobArn": rule.job_arn if begun else ABSENT,
        "RuleEvaluationStatus": status,
        "StatusDetails": details.format(rule=rule.name) if details else ABSENT,
        "LastModifiedTime": moment(modified),
    }


def rule_status(job: SeededRecord, now: int) -> str:
    """Return what the training job says about a rule whose job has this status."""
    status = job.status(now)
    if status == "Completed":
        return str(job.facts.get("outcome", "NoIssuesFound"))
    return "Error" if status == "Failed" else status
