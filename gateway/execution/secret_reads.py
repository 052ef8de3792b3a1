"""The log of secrets that were read: by whom, of which resources, and which members.

Only callers who were given the scope for secrets are logged. Where nobody is asked who they are,
there is nobody to name.
"""

import logging
from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.aws.cache import Entry
from gateway.schema.references import Target

if TYPE_CHECKING:
    from gateway.execution.request import Request

logger = logging.getLogger(__name__)

_MOST_RESOURCES: Final = 50
"""Resources in one line; an operation that has read more is logged in several."""


class SecretRead(NamedTuple):
    """What was read of one resource."""

    resource: str
    """The ARN, or region and name of a resource whose parts were listed."""
    members: tuple[str, ...]
    """Paths of fields, as in the schema."""


def secret_read(target: Target, entry: Entry) -> SecretRead:
    """Return what a response shows of an entry by the selection of `target`."""
    owner = target.owner
    if entry.arn or owner is None:
        return SecretRead(entry.arn, target.selection.secret_members)
    return SecretRead(f"{owner.region}:{owner.name}", target.selection.secret_members)


def log_secret_reads(caller: Hashable, request: "Request", reads: Sequence[SecretRead]) -> None:
    """Log what the caller of that key has read, a line for each set of members."""
    by_members: defaultdict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
    for resource, members in reads:
        by_members[members][resource] = None
    kind, issuer, name = caller if isinstance(caller, tuple) else (None, None, None)
    who = {"kind": kind, "issuer": issuer, "caller": name}
    for members, found in by_members.items():
        resources = list(found)
        for first in range(0, len(resources), _MOST_RESOURCES):
            some = resources[first : first + _MOST_RESOURCES]
            facts = {
                **who,
                "operation_name": request.operation_name,
                "members": ",".join(members),
                "resources": ",".join(some),
            }
            logger.info("gateway.secrets_read", extra=facts)
