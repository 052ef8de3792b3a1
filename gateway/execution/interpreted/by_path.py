"""Execute `@defer` and `@stream` in the format of August 2022, in which each part has a path.

A deferred fragment is one whole entry at its own path, with the fields that it shares with others.
Clients such as Relay look for all fields of a fragment in its one entry. The form is that of
graphql-js 17.0.0-alpha.2,
https://github.com/graphql/graphql-js/blob/v17.0.0-alpha.2/src/execution/execute.ts
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
)
from graphql.execution.collect_fields import (
    FieldDetails,
    GroupedFieldSet,
    does_fragment_condition_match,
    get_defer_usage,
)
from graphql.execution.incremental.incremental_publisher import ensure_graphql_error
from graphql.pyutils import Path

from gateway.execution.errors import request_error
from gateway.execution.interpreted.execute import NotingExecutor, OperationContext, response_of
from gateway.execution.request import Request
from gateway.schema.collect_fields import is_included


@dataclass(frozen=True, slots=True)
class _Fragment:
    """A deferred fragment, with its fields on one object type."""

    label: str | None
    fields: GroupedFieldSet


class _Later:
    """A deferred fragment of one object, or an item of a streamed list."""

    def __init__(
        self,
        path: Path | None,
        label: str | None,
        executor: "ByPathExecutor",
        begin: Callable[[], Any],
        previous: "_Later | None" = None,
        list_path: Path | None = None,
    ) -> None:
        self.path = path
        self.list_path = list_path
        """Of an item: the path of its list."""
        self.executor = executor
        self.is_sent = False
        self._label = label
        self._begin = begin
        self._previous = previous
        self._task: asyncio.Future[dict[str, Any]] | None = None

    @property
    def task(self) -> "asyncio.Future[dict[str, Any]]":
        """The task of its execution, which begins now at the latest."""
        if self._task is None:
            self._task = asyncio.ensure_future(self._execute())
        return self._task

    @property
    def is_ready(self) -> bool:
        """Whether it can be sent: it is executed, and the items before it are sent."""
        return self.task.done() and (self._previous is None or self._previous.is_sent)

    def cancel(self) -> None:
        """Stop its execution, and that of what it leads to."""
        if self._task is not None:
            self._task.cancel()
        for later in self.executor.later:
            later.cancel()

    def entry(self, data: Any, errors: list[Any]) -> dict[str, Any]:
        """Return its entry in `incremental`; `data` of an item is a list."""
        entry = {"data" if self.list_path is None else "items": data, "path": _keys(self.path)}
        if self._label:
            entry["label"] = self._label
        if errors:
            entry["errors"] = errors
        return entry

    async def _execute(self) -> dict[str, Any]:
        collected = self.executor.collected_errors
        data: Any = None
        failure: list[GraphQLError] = []
        try:
            data = self._begin()
            if isawaitable(data):
                data = await data
        except Exception as error:  # noqa: BLE001  # the fragment or the list is null
            data = None
            failure = [ensure_graphql_error(error)]
        else:
            if self.list_path is not None:
                data = [data.value.item]
        errors = [*(collected.errors or ()), *failure]
        context: OperationContext = self.executor.context_value
        return self.entry(data, context.format_errors(errors) if errors else [])


class ByPathExecutor(NotingExecutor):
    """graphql-core's executor with the fragments and lists of August 2022."""

    later: list[_Later]
    """What is to be sent after the object or the list that this executor completes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.later = []
        self._collected: dict[Any, Any] = {}

    def create_sub_executor(self, defer_usage_set: Any = None) -> "ByPathExecutor":
        """Return an executor with errors of its own, for one entry."""
        executor = super().create_sub_executor(defer_usage_set)
        assert isinstance(executor, ByPathExecutor)
        executor.later = []
        return executor

    def execute_collected_root_fields(
        self,
        root_type: GraphQLObjectType,
        root_value: Any,
        grouped_field_set: GroupedFieldSet,
        serially: bool,  # noqa: FBT001  # as graphql-core calls it
        new_defer_usages: Any,
    ) -> Any:
        """Execute the root fields; fragments of them are left for later."""
        fields, fragments = self._collect(root_type, [self.operation.selection_set])
        data = self.execute_root_grouped_field_set(root_type, root_value, fields, serially, None)
        self._leave_fragments(fragments, root_type, root_value, None)
        return data

    def collect_and_execute_subfields(
        self,
        return_type: GraphQLObjectType,
        field_details_list: Any,
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        """Execute the fields of an object; fragments of them are left for later."""
        key = (return_type, id(field_details_list))
        if key not in self._collected:
            sets = [details.node.selection_set for details in field_details_list]
            # It holds the list too, whose id stays the same therefore.
            found = self._collect(return_type, sets)
            self._collected[key] = (*found, field_details_list)
        fields, fragments, _ = self._collected[key]
        data = self.execute_fields(return_type, result, path, fields, None)
        self._leave_fragments(fragments, return_type, result, path)
        return data

    def handle_stream(
        self,
        index: int,
        path: Path,
        iterator: Any,
        is_async: bool,  # noqa: FBT001  # as above
        stream_usage: Any,
        info: Any,
        item_type: Any,
    ) -> bool:
        """Leave the items of a list for later."""
        previous = None
        for place, item in enumerate(iterator, index):
            executor = self.create_sub_executor()
            item_path = path.add_key(place, None)

            def begin(
                executor: ByPathExecutor = executor, item_path: Path = item_path, item: Any = item
            ) -> Any:
                details = stream_usage.field_details_list
                return executor.complete_stream_item(item_path, item, details, info, item_type)

            previous = _Later(item_path, stream_usage.label, executor, begin, previous, path)
            self.later.append(previous)
        return True

    def take_later(self) -> list[_Later]:
        """Return what is to be sent now that the object is complete, without what became null."""
        later, self.later = self.later, []
        kept = []
        for each in later:
            if self.collected_errors.errors and self.collected_errors.has_nulled_position(
                each.path if each.list_path is None else each.list_path
            ):
                each.cancel()
            else:
                kept.append(each)
        return kept

    def _leave_fragments(
        self, fragments: list[_Fragment], type_: GraphQLObjectType, value: Any, path: Path | None
    ) -> None:
        for fragment in fragments:
            executor = self.create_sub_executor()

            def begin(
                executor: ByPathExecutor = executor, fields: GroupedFieldSet = fragment.fields
            ) -> Any:
                return executor.execute_fields(type_, value, path, fields, None)

            self.later.append(_Later(path, fragment.label, executor, begin))

    def _collect(
        self, type_: GraphQLObjectType, selection_sets: Iterable[SelectionSetNode | None]
    ) -> tuple[GroupedFieldSet, list[_Fragment]]:
        collector = _Collector(self, type_)
        fields: GroupedFieldSet = {}
        visited: set[str] = set()
        for selection_set in selection_sets:
            if selection_set is not None:
                collector.collect(selection_set.selections, fields, visited)
        return fields, collector.fragments


class _Collector:
    """Collects the fields of an object type, and those of its deferred fragments for themselves."""

    def __init__(self, executor: ByPathExecutor, type_: GraphQLObjectType) -> None:
        self._executor = executor
        self._type = type_
        self._deferred: set[int] = set()
        self.fragments: list[_Fragment] = []

    def collect(
        self, selections: Iterable[SelectionNode], fields: GroupedFieldSet, visited: set[str]
    ) -> None:
        """Add to `fields`; `visited` has the names of the fragments that are in it."""
        executor = self._executor
        for node in selections:
            if not is_included(node, executor.variable_values):
                continue
            if isinstance(node, FieldNode):
                key = (node.alias or node.name).value
                fields.setdefault(key, []).append(FieldDetails(node, None))
                continue
            fragment: Any = node
            if isinstance(node, FragmentSpreadNode):
                fragment = executor.fragments[node.name.value].definition
            if not does_fragment_condition_match(executor.schema, fragment, self._type):
                continue
            assert isinstance(node, FragmentSpreadNode | InlineFragmentNode)
            usage = get_defer_usage(executor.variable_values, None, node, None)
            below = fragment.selection_set.selections
            if usage is not None:
                self._defer(node, usage.label, below)
            elif not isinstance(node, FragmentSpreadNode):
                self.collect(below, fields, visited)
            elif node.name.value not in visited:
                visited.add(node.name.value)
                self.collect(below, fields, visited)

    def _defer(
        self, node: SelectionNode, label: str | None, selections: Iterable[SelectionNode]
    ) -> None:
        # Once, on however many ways it is reached: the entries would be the same.
        if id(node) in self._deferred:
            return
        self._deferred.add(id(node))
        fields: GroupedFieldSet = {}
        fragment = _Fragment(label, fields)
        self.fragments.append(fragment)
        self.collect(selections, fields, set())


async def execute_by_path(
    schema: GraphQLSchema,
    document: DocumentNode,
    request: Request,
    context: OperationContext,
) -> AsyncGenerator[dict[str, Any], None]:
    """Yield the response to a valid document in its parts, by path."""
    executor = ByPathExecutor.build(
        schema,
        document,
        context_value=context,
        raw_variable_values=dict(request.variables),
        operation_name=request.operation_name or None,
    )
    if isinstance(executor, list):
        yield response_of(ExecutionResult(None, executor), context)
        return
    assert isinstance(executor, ByPathExecutor)
    waiting: list[_Later] = []
    try:
        result: Any = executor.execute_operation()
        if isawaitable(result):
            result = await result
        response = response_of(result, context)
        waiting = executor.take_later()
        if context.refusal is not None or not waiting:
            yield response
            return
        yield {**response, "hasNext": True}
        while waiting:
            waiting, incremental = await _next_entries(waiting)
            if context.refusal is not None:
                errors = request_error(context.refusal)["errors"]
                incremental = [each.entry(None, errors) for each in waiting] or [
                    {"data": None, "path": [], "errors": errors}
                ]
                yield {"incremental": incremental, "hasNext": False}
                return
            if incremental or not waiting:
                more = {"incremental": incremental} if incremental else {}
                yield {**more, "hasNext": bool(waiting)}
    finally:
        left = [*waiting, *executor.later]
        for each in left:
            each.cancel()


async def _next_entries(waiting: list[_Later]) -> tuple[list[_Later], list[dict[str, Any]]]:
    """Return what still waits after the next entries, and those entries."""
    running = [each.task for each in waiting if not each.task.done()]
    if running and not any(each.is_ready for each in waiting):
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    entries: list[dict[str, Any]] = []
    failed: list[Path | None] = []
    rest: list[_Later] = []
    for each in waiting:
        if each.list_path is not None and any(each.list_path is path for path in failed):
            each.cancel()
        elif each.is_ready:
            entry = each.task.result()
            each.is_sent = True
            entries.append(entry)
            if entry.get("items", ()) is None:
                failed.append(each.list_path)
            if entry.get("data", ()) is None or entry.get("items", ()) is None:
                each.cancel()
            else:
                rest += each.executor.take_later()
        else:
            rest.append(each)
    return rest, entries


def _keys(path: Path | None) -> list[str | int]:
    return path.as_list() if path is not None else []
