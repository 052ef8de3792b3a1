"""Coerce the variables of a request, whose size and nesting are limited first."""

import logging
from collections.abc import Mapping
from typing import Any, Final

from graphql import (
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    get_variable_values,
)
from graphql.execution.values import VariableValues

from gateway.errors import BadUserInput, CodedError
from gateway.execution.errors import QueryTooComplex
from gateway.execution.limits import refuse_values

logger = logging.getLogger(__name__)

_MOST_NESTING: Final = 100
"""Levels of lists and objects. orjson writes 254, graphql-core reads as many as Python's stack."""
_MOST_LISTS: Final = 10
"""Variables hold as many values as this many of the longest lists allowed."""
_MOST_ERRORS: Final = 50


def coerce_variables(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
    most_items: int,
    *,
    suggests: bool,
) -> VariableValues | list[GraphQLError]:
    """Return the values of the operation's variables, or what is wrong with them.

    Unless it `suggests`, no error names what the client may have meant.

    Raises `BadUserInput`, and `QueryTooComplex` for a list or an object with more than
    `most_items`, for ten times as many values in all, and for more than 100 levels.
    """
    _check_size(variables, most_items)
    definitions = operation.variable_definitions or ()
    try:
        return get_variable_values(
            schema,
            definitions,
            dict(variables),
            max_errors=_MOST_ERRORS,
            hide_suggestions=not suggests,
        )
    except (CodedError, RecursionError):
        raise
    except Exception as error:
        # A fault in graphql-core or in a scalar that the client's value has led to.
        logger.exception("gateway.unexpected_error")
        raise BadUserInput("The variables cannot be read.") from error


def _check_size(variables: Mapping[str, Any], most_items: int) -> None:
    values = levels = 0
    level: list[Any] = [variables]
    while level:
        levels += 1
        below: list[Any] = []
        for each in level:
            if len(each) > most_items:
                refuse_values(most_items)
            values += len(each)
            items = each if isinstance(each, list) else each.values()
            below += [item for item in items if isinstance(item, list | dict)]
        level = below
        if levels > _MOST_NESTING:
            raise QueryTooComplex(f"The variables nest more than {_MOST_NESTING} levels deep.")
        if values > _MOST_LISTS * most_items:
            most = _MOST_LISTS * most_items
            raise QueryTooComplex(f"The variables hold more than the {most} values allowed.")
