"""The operations that the twin answers itself; moto answers all others."""

from gateway.twin.call import Operation
from gateway.twin.kinds import KINDS
from gateway.twin.operations.child_lists import (
    list_candidates,
    list_executions,
    list_tuned_training_jobs,
)
from gateway.twin.operations.create import CREATIONS
from gateway.twin.operations.delete import DELETIONS
from gateway.twin.operations.describes import describe, describe_first_generation
from gateway.twin.operations.lists import LIST_OPERATIONS
from gateway.twin.operations.search import search
from gateway.twin.operations.stop import STOPS
from gateway.twin.operations.tags import add_tags, delete_tags, list_tags

OPERATIONS: dict[str, Operation] = {
    **{kind.describe: describe for kind in KINDS},
    "DescribeAutoMLJob": describe_first_generation,
    **{name: listing.answer for name, listing in LIST_OPERATIONS.items()},
    "ListCandidatesForAutoMLJob": list_candidates,
    "ListMonitoringExecutions": list_executions,
    "ListTrainingJobsForHyperParameterTuningJob": list_tuned_training_jobs,
    **CREATIONS,
    **STOPS,
    **DELETIONS,
    "ListTags": list_tags,
    "AddTags": add_tags,
    "DeleteTags": delete_tags,
    "Search": search,
}
