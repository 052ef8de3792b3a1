"""A request as far as it can be worked out without AWS."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import OperationDefinitionNode
from graphql.execution.values import VariableValues

from gateway.execution.document import Document
from gateway.execution.fragment import Template
from gateway.execution.fragment import size_of as fragment_size
from gateway.execution.request import Request
from gateway.execution.result import Result


@dataclass(frozen=True, slots=True)
class Answered:
    """The response does not depend on AWS: the request is wrong."""

    result: Result


@dataclass(frozen=True, slots=True)
class Compiled:
    """The operation's data is a template to fill."""

    template: Template
    document: Document
    operation: OperationDefinitionNode
    variables: VariableValues


@dataclass(frozen=True, slots=True)
class Interpreted:
    """The operation is left to graphql-core."""

    document: Document
    request: Request


def refused(response: Mapping[str, Any]) -> Answered:
    """Return the outcome of a request that is answered with errors and not executed."""
    return Answered(Result(orjson.dumps(response), executed=False, fresh_until=None))


def size_of(prepared: "Prepared") -> int:
    """Return about how many bytes of memory it takes, its document left out."""
    if isinstance(prepared, Answered):
        return len(prepared.result.body) + 100
    return 500 + (fragment_size(prepared.template) if isinstance(prepared, Compiled) else 0)


Prepared = Answered | Compiled | Interpreted
