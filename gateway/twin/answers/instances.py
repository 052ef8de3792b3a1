"""The instances of training jobs: one type, groups of types, or preferences; and warm pools."""

from gateway.twin.answers.context import Pen
from gateway.twin.records import Answer
from gateway.twin.synthesis.filler import ABSENT

GROUPS = ("gpu-workers", "cpu-loaders", "parameter-servers", "evaluators", "spare")


def resources(pen: Pen, *, reserved: bool = False) -> Answer:
    """Return a ResourceConfig; `reserved` jobs run on a training plan."""
    types = pen.record.facts["instances"]
    count = pen.dice.between("instances", 1, 4)
    config: Answer = {
        "InstanceType": ABSENT,
        "InstanceCount": ABSENT,
        "InstanceGroups": ABSENT,
        "InstancePreferences": ABSENT,
        "SelectedInstanceType": ABSENT,
        "SelectedInstanceCount": ABSENT,
        "KeepAlivePeriodInSeconds": ABSENT,
    }
    if not reserved:
        config |= {"TrainingPlanArn": ABSENT, "InstancePlacementConfig": ABSENT}
    if len(types) == 1:
        return config | {"InstanceType": types[0], "InstanceCount": count}
    if pen.record.turn % 4 > 1:
        groups = [
            {"InstanceType": instance, "InstanceCount": count, "InstanceGroupName": name}
            for instance, name in zip(types, GROUPS, strict=False)
        ]
        return config | {"InstanceGroups": groups}
    return config | _preferences(pen, types, count, reserved=reserved)


def _preferences(pen: Pen, types: list[str], count: int, *, reserved: bool) -> Answer:
    plans = {} if reserved else {"TrainingPlanArns": ABSENT}
    chosen: Answer = {
        "InstancePreferences": [
            {"InstanceType": instance, "InstanceCount": count, **plans} for instance in types
        ]
    }
    waiting = pen.record.timeline.current(pen.now).secondary in ("Starting", "Pending")
    if not waiting:
        chosen["SelectedInstanceType"] = pen.dice.choice("selected", types)
        chosen["SelectedInstanceCount"] = count
    return chosen


def warm_pool(pen: Pen) -> Answer:
    """Return what became of the instances after the job; a running job uses them."""
    states = ("Available", "Reused", "Terminated")
    status = states[pen.record.turn % len(states)] if pen.over else "InUse"
    pool: Answer = {"Status": status, "ReusedByJob": ABSENT}
    if status == "Reused":
        pool["ReusedByJob"] = f"{pen.name[:50]}-again"
    if not pen.over:
        pool["ResourceRetainedBillableTimeInSeconds"] = ABSENT
    return {
        "WarmPoolStatus": pool,
        "ResourceConfig": resources(pen) | {"KeepAlivePeriodInSeconds": 1800},
    }
