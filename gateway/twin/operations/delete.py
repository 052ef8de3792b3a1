"""The delete operations."""

from gateway.twin.call import Call, Operation
from gateway.twin.errors import AwsError
from gateway.twin.kinds import PROCESSING, SCHEDULE, TRAINING, TUNING
from gateway.twin.records import Answer
from gateway.twin.store import Store

AT_WORK = ("InProgress", "Stopping")


def delete(store: Store, call: Call) -> Answer:
    """Delete a resource; a job that has not ended is in use."""
    kind = DELETED[call.operation]
    name = call.params[kind.name]
    record = store.find(call.region, kind, name, call.now)
    if record is None:
        raise kind.missing(name)
    status = record.status(call.now)
    if status in AT_WORK:
        raise AwsError("ResourceInUse", f"{record.arn} cannot be deleted in status {status}.")
    store.table(call.region, kind).remove(name)
    return {}


DELETED = {
    "DeleteProcessingJob": PROCESSING,
    "DeleteTrainingJob": TRAINING,
    "DeleteHyperParameterTuningJob": TUNING,
    "DeleteMonitoringSchedule": SCHEDULE,
}
DELETIONS: dict[str, Operation] = dict.fromkeys(DELETED, delete)
