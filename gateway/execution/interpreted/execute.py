"""The interpreted executor: graphql-core on the Strawberry schema.

It runs what the compiler does not take, and is the reference that compiled operations must equal.
"""

from collections.abc import Sequence
from inspect import isawaitable
from typing import Any, Final

from graphql import (
    DocumentNode,
    ExecutionResult,
    ExperimentalIncrementalExecutionResults,
    GraphQLError,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    experimental_execute_incrementally,
    is_non_null_type,
)
from graphql.execution.incremental import IncrementalExecutor

from gateway.aws.cache import Entry
from gateway.aws.loader import Loader
from gateway.errors import BadUserInput, Code, CodedError
from gateway.execution.compiled.compiler import Compiler
from gateway.execution.compiled.read_ahead import ReadAhead
from gateway.execution.errors import (
    QueryTooComplex,
    ResponseTooLarge,
    format_error,
    format_some,
    request_error,
)
from gateway.execution.request import Request
from gateway.execution.secret_reads import SecretRead, secret_read
from gateway.execution.turns import Turns
from gateway.grants import Grants
from gateway.redaction import redact
from gateway.schema.decode import ShortenedList
from gateway.schema.enums import OpenEnum
from gateway.schema.references import Context, Path, Target
from gateway.schema.scopes import UnauthorizedFieldOrType, is_field_granted
from gateway.schema.selection import Selection
from gateway.settings import ResponseSettings

_MOST_OF_SCHEMA: Final = 40_000
"""Fields of introspection in one response: three times those of the largest usual query."""
_BYTES_AROUND_KEY: Final = 4
_TIMES_RENDERED: Final = 20
"""graphql-core takes so many times as long for a field as the renderer does."""


class OperationContext(Context):
    """The context of one operation: its loader, its selections and its unknown values.

    With `read_ahead`, that reads what the operation needs, and the resolvers wait for it. `limits`
    are those of its response; `turns` bound what is completed in one turn of the event loop.
    """

    def __init__(
        self,
        loader: Loader,
        grants: Grants,
        limits: ResponseSettings,
        turns: Turns,
        read_ahead: ReadAhead | None = None,
    ) -> None:
        super().__init__(loader, grants)
        self._turns = turns
        self._read_ahead = read_ahead
        self.stale: list[Entry] = []
        """The entries used that AWS failed to renew, each once."""
        self._stale_ids: set[int] = set()
        self.secret_reads: list[SecretRead] = []
        self.unknown_values: list[tuple[Path, str]] = []
        """AWS's words that are shown as `UNKNOWN`, with their paths."""
        self.refusal: CodedError | None = None
        """Why the response is given up: it is too large."""
        self._limits = limits
        self._bytes_left = limits.max_response_bytes
        self._introspection_left = _MOST_OF_SCHEMA
        self._selections: dict[tuple[int, ...], tuple[Selection, ...]] = {}
        self._compilers: dict[bool, Compiler] = {}

    def spend_field(self, parent: GraphQLObjectType, key: str) -> bool:
        """Count a field of the response; `False` where the response is given up."""
        if parent.name.startswith("__"):
            self._introspection_left -= 1
            if self._introspection_left < 0 and self.refusal is None:
                self.refusal = QueryTooComplex(
                    f"The operation asks for more than {_MOST_OF_SCHEMA} fields of the schema."
                )
        return self.spend_bytes(len(key) + _BYTES_AROUND_KEY)

    def spend_bytes(self, size: int) -> bool:
        """Count bytes of the response; `False` where the response is given up."""
        self._bytes_left -= size
        if self._bytes_left < 0 and self.refusal is None:
            self.refusal = ResponseTooLarge(self._limits.max_response_bytes)
        return self.refusal is None

    def format_errors(self, errors: Sequence[GraphQLError]) -> list[dict[str, Any]]:
        """Return the formatted errors of the execution of a valid document."""
        return format_some(errors, self._format_error, self._limits.max_errors)

    def _format_error(self, error: GraphQLError) -> dict[str, Any]:
        code = Code.BAD_USER_INPUT if _is_wrong_input(error) else None
        return format_error(error, code, self._limits.max_error_bytes)

    def select(self, info: GraphQLResolveInfo[Any]) -> tuple[Selection, ...]:
        """Return the selections on the field that is being resolved, one per object type."""
        # The document holds the nodes, so their ids stay the same.
        key = tuple(map(id, info.field_nodes))
        selections = self._selections.get(key)
        if selections is None:
            selections = self._selections[key] = self._compile(info)
        return selections

    async def load(self, target: Target) -> Entry | None:
        """Return the entry of `target`; `None` if it is not in the caller's view.

        Raises what reading it raised.
        """
        if target.check is not None:
            checked = await self.loader.load(target.check)
            if not checked.value:
                return None
            self._note_stale(checked)
        if self._read_ahead is None:
            entry = await self.loader.load(target.key)
        else:
            entry = await self._read_ahead.load(target)
        self._note_stale(entry)
        if target.selection.secret_members and entry.value is not None:
            self.secret_reads.append(secret_read(target, entry))
        return entry

    async def wait_for_turn(self, selection: Selection) -> None:
        """Wait until an object may be completed without holding up the event loop for long."""
        turn = self._turns.take(_TIMES_RENDERED * selection.field_count)
        if turn is not None:
            await turn

    def _note_stale(self, entry: Entry) -> None:
        for part in (entry, *entry.made_of):
            if part.failure is not None and id(part) not in self._stale_ids:
                # The list holds the entries, so their ids stay the same.
                self._stale_ids.add(id(part))
                self.stale.append(part)

    def _compile(self, info: GraphQLResolveInfo[Any]) -> tuple[Selection, ...]:
        definition = info.parent_type.fields[info.field_name]
        try:
            return self._compiler(info).selections(definition, info.field_nodes)
        except GraphQLError:
            # A condition's variable is null. graphql-core reports the error at the field.
            compiler = self._compiler(info, ignores_conditions=True)
            return compiler.selections(definition, info.field_nodes)

    def _compiler(
        self, info: GraphQLResolveInfo[Any], *, ignores_conditions: bool = False
    ) -> Compiler:
        """Return the one compiler of the operation, which knows what it has compiled before."""
        compiler = self._compilers.get(ignores_conditions)
        if compiler is None:
            compiler = self._compilers[ignores_conditions] = Compiler(
                info.schema,
                info.fragments,
                info.variable_values,
                self.grants,
                ignores_conditions=ignores_conditions,
            )
        return compiler


class NotingExecutor(IncrementalExecutor):
    """graphql-core's executor. It also collects what the response tells besides data and errors."""

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_details_list: Any,
        path: Any,
        position_context: Any,
    ) -> Any:
        """Execute a field as graphql-core does, unless the caller may not see it."""
        node = field_details_list[0].node
        name = node.name.value
        if not self.context_value.spend_field(parent_type, (node.alias or node.name).value):
            # Whatever stands for the field, the response is not sent.
            return None
        definition = parent_type.fields.get(name)
        if definition is None or is_field_granted(definition, self.context_value.grants):
            return super().execute_field(
                parent_type, source, field_details_list, path, position_context
            )
        self.handle_field_error(
            UnauthorizedFieldOrType(), definition.type, field_details_list, path
        )
        return None

    def get_stream_usage(self, field_details_list: Any, path: Any) -> Any:
        """Return how a list is streamed. Raises `BadUserInput` for an `initialCount` below zero."""
        try:
            return super().get_stream_usage(field_details_list, path)
        except ValueError as error:
            message = "`initialCount` of `@stream` must be zero or more."
            raise BadUserInput(message) from error

    def complete_value(
        self,
        return_type: Any,
        field_details_list: Any,
        info: Any,
        path: Any,
        result: Any,
        position_context: Any,
    ) -> Any:
        """Complete a value as graphql-core does."""
        if isinstance(result, OpenEnum):
            if result.is_unknown:
                word = redact(result.value) if self.context_value.grants.redacts else result.value
                self.context_value.unknown_values.append((tuple(path.as_list()), word))
            # graphql-core serializes an enum by its value, which here may be another word of AWS's.
            result = type(result)[result.name]
        elif isinstance(result, ShortenedList):
            self.context_value.loader.notices.append(result.notice(path.as_list()))
            # A list that may not be null is completed a second time, as what may be null.
            result = list(result)
        elif isinstance(result, str):
            if self.context_value.grants.redacts:
                result = redact(result)
            # What may not be null is completed a second time, as what may be.
            if not is_non_null_type(return_type):
                self.context_value.spend_bytes(len(result))
        return super().complete_value(
            return_type, field_details_list, info, path, result, position_context
        )


async def interpret(
    schema: GraphQLSchema, document: DocumentNode, request: Request, context: OperationContext
) -> dict[str, Any]:
    """Return the response to a valid document; field errors are in its `errors`.

    The document must be without `@defer` and `@stream`.
    """
    result = await execute(schema, document, request, context)
    assert isinstance(result, ExecutionResult)
    return response_of(result, context)


async def execute(
    schema: GraphQLSchema, document: DocumentNode, request: Request, context: OperationContext
) -> ExecutionResult | ExperimentalIncrementalExecutionResults:
    """Return what graphql-core makes of a valid document.

    The schema knows `@defer` and `@stream`: with such a schema plain `execute` refuses to run.
    """
    result = experimental_execute_incrementally(
        schema,
        document,
        context_value=context,
        variable_values=dict(request.variables),
        operation_name=request.operation_name or None,
        executor_class=NotingExecutor,
    )
    return await result if isawaitable(result) else result


def response_of(result: ExecutionResult, context: OperationContext) -> dict[str, Any]:
    """Return the response with the data and errors of graphql-core's result."""
    if context.refusal is not None:
        return {**request_error(context.refusal), "data": None}
    response: dict[str, Any] = {}
    if result.errors:
        response["errors"] = context.format_errors(result.errors)
    # Errors without a path come from before execution: the variables were wrong.
    if result.data is not None or not result.errors or any(e.path for e in result.errors):
        response["data"] = result.data
    return response


def _is_wrong_input(error: GraphQLError) -> bool:
    """Tell whether it is an error of graphql-core's about an argument or a variable.

    Such an error has no path, or its original error has nodes of its own.
    """
    cause = error.original_error
    return not error.path or (isinstance(cause, GraphQLError) and bool(cause.nodes))
