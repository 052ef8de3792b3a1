"""Documents: each text is parsed, limited and validated once while it is in the cache."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any, Final

from graphql import (
    REMOVE,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    VisitorAction,
    is_introspection_type,
    visit,
)
from graphql.execution.values import VariableValues

from gateway.errors import BadUserInput, Code, quote
from gateway.execution.compiled.compiler import Compiler, Plan
from gateway.execution.errors import QueryTooComplex, format_errors, request_error
from gateway.execution.fast_validation import is_plain
from gateway.execution.limits import check_limits
from gateway.execution.lru_cache import LruCache, TwoQueueCache
from gateway.execution.parser import parse_document
from gateway.execution.request import Request
from gateway.execution.validation import validate
from gateway.grants import Grants
from gateway.settings import MIB, EngineSettings
from gateway.weight import weigh

# Each variable that a directive reads doubles the plans that one operation can have, and each page
# of a list below a resource takes one.
_PLANS_BYTES: Final = MIB
_PLAN_BYTES: Final = 1_000
_DOCUMENT_BYTES: Final = 2_000
# Measured: 227 to 260, whatever the nodes.
_NODE_BYTES: Final = 260

_NO_VARIABLES: Final = VariableValues({}, {})
_INCREMENTAL: Final = frozenset({"defer", "stream"})


@dataclass(slots=True)
class Document:
    """A valid document, and the plans of its operations."""

    node: DocumentNode
    operations: dict[str | None, OperationDefinitionNode]
    fragments: dict[str, FragmentDefinitionNode]
    plan_variables: tuple[str, ...]
    """The variables that directives and lists below resources read: part of a plan's key."""
    incremental: frozenset[str] = frozenset()
    """Which of `@defer` and `@stream` it uses."""
    _without: dict[frozenset[str], DocumentNode] = field(default_factory=dict)
    plans: LruCache[Any, Plan] = field(default_factory=lambda: LruCache(_PLANS_BYTES))

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """Return the operation of that name, or the only one. Raises `BadUserInput` without one."""
        if name:
            if name not in self.operations:
                raise BadUserInput(f"The document has no operation named {quote(name)}.")
            return self.operations[name]
        if len(self.operations) != 1:
            raise BadUserInput(
                "operationName is required: the document has several operations."
                if self.operations
                else "The document has no operation."
            )
        return next(iter(self.operations.values()))

    def without(self, directives: frozenset[str] = _INCREMENTAL) -> DocumentNode:
        """Return the document without these of the directives `@defer` and `@stream`.

        The specification lets a server ignore both.
        """
        if not directives & self.incremental:
            return self.node
        if directives not in self._without:
            self._without[directives] = visit(self.node, _Removal(directives))
        return self._without[directives]

    def plan(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        variables: VariableValues,
        grants: Grants,
    ) -> Plan:
        """Return the operation, compiled for callers with `grants`."""
        # As text, because coerced inputs have no hash.
        values = repr([variables.coerced.get(name) for name in self.plan_variables])
        key = (operation.name and operation.name.value, _digest(values), grants)
        plan = self.plans.get(key)
        if plan is None:
            plan = self._compile(schema, operation, variables, grants)
            self.plans.put(key, plan, _PLAN_BYTES + plan.weight)
        return plan

    def _compile(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        variables: VariableValues,
        grants: Grants,
    ) -> Plan:
        try:
            return Compiler(schema, self.fragments, variables, grants).compile(operation)
        except GraphQLError as error:
            # A condition's variable is null: graphql-core reports the error of the field. The plan
            # is for the cost only, and without conditions the cost is not lower.
            compiler = Compiler(schema, self.fragments, variables, grants, ignores_conditions=True)
            return replace(compiler.compile(operation), error=error)


Read = Document | Mapping[str, Any]
"""A document, or the response to an invalid text."""


class Documents:
    """A cache of documents by text; an invalid text is cached as the response to it."""

    def __init__(self, schema: GraphQLSchema, settings: EngineSettings) -> None:
        self._schema = schema
        self._settings = settings
        self._lists = _lists_below(schema)
        self._documents: TwoQueueCache[str, Read] = TwoQueueCache(settings.document_megabytes * MIB)

    def read_document(self, text: str) -> Document | Mapping[str, Any]:
        """Return the document of `text`, or the response with its errors."""
        document = self._documents.get(text)
        if document is None:
            document, size = self._read(text)
            self._documents.put(text, document, size + sys.getsizeof(text))
        return document

    def read_valid_document(self, text: str) -> Document:
        """Return the document of a text that `read_document` has found to be valid."""
        document = self._documents.peek(text) or self.read_document(text)
        assert isinstance(document, Document)
        return document

    def warm(self, text: str, grants: Iterable[Grants]) -> int:
        """Parse, validate and plan a text before anybody asks for it, for callers with `grants`.

        Returns the bytes of memory that it takes. Plans that depend on variables are left to
        requests. Raises `BadUserInput` for an invalid text.
        """
        document = self.read_document(text)
        # What is asked for again stays.
        self.read_document(text)
        if not isinstance(document, Document):
            raise BadUserInput(document["errors"][0]["message"])
        if not document.plan_variables:
            for each in grants:
                for operation in document.operations.values():
                    self.plan(document, operation, _NO_VARIABLES, Request(text, grants=each))
        return self._documents.size(text)

    def plan(
        self,
        document: Document,
        operation: OperationDefinitionNode,
        variables: VariableValues,
        request: Request,
    ) -> Plan:
        """Return the operation of a request, compiled for the grants of its caller."""
        before = document.plans.bytes
        plan = document.plan(self._schema, operation, variables, request.grants)
        self._documents.grow(request.query, document.plans.bytes - before)
        return plan

    def _read(self, text: str) -> tuple[Document | Mapping[str, Any], int]:
        """Return the document or the response with its errors, and the memory that it takes."""
        response: Mapping[str, Any]
        try:
            node, nodes = parse_document(text, self._settings.max_tokens)
            check_limits(self._schema, node, self._settings)
            errors = self._validate(node)
        except QueryTooComplex as error:
            response = request_error(error)
        except GraphQLError as error:
            response = {"errors": format_errors([error])}
        except RecursionError:
            response = request_error(QueryTooComplex("The document nests too deep."))
        else:
            if not errors:
                document = self._document(node, text)
                # Executed in parts, and whole, it takes trees without the directives.
                trees = 3 if document.incremental else 1
                return document, _DOCUMENT_BYTES + nodes * _NODE_BYTES * trees
            response = {"errors": format_errors(errors, Code.GRAPHQL_VALIDATION_FAILED)}
        return response, weigh(response)

    def _validate(self, node: DocumentNode) -> list[GraphQLError]:
        if is_plain(self._schema, node):
            return []
        settings = self._settings
        return validate(self._schema, node, settings.max_selections, suggests=settings.suggestions)

    def _document(self, node: DocumentNode, text: str) -> Document:
        finder = _Finder(self._lists)
        if "@" in text or any(name in text for name in self._lists):
            visit(node, finder)
        return _document(node, finder)


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _lists_below(schema: GraphQLSchema) -> frozenset[str]:
    """Return the names of the fields with arguments that are not root fields."""
    roots = (schema.query_type, schema.subscription_type)
    return frozenset(
        name
        for type_ in schema.type_map.values()
        if isinstance(type_, GraphQLObjectType)
        and type_ not in roots
        and not is_introspection_type(type_)
        for name, definition in type_.fields.items()
        if definition.args
    )


def _document(node: DocumentNode, finder: "_Finder") -> Document:
    operations, fragments = _definitions(node)
    incremental = _INCREMENTAL & finder.names
    return Document(node, operations, fragments, tuple(sorted(finder.variables)), incremental)


def _definitions(
    node: DocumentNode,
) -> tuple[dict[str | None, OperationDefinitionNode], dict[str, FragmentDefinitionNode]]:
    """Return operations and fragments by name."""
    operations = {
        definition.name.value if definition.name else None: definition
        for definition in node.definitions
        if isinstance(definition, OperationDefinitionNode)
    }
    fragments = {
        definition.name.value: definition
        for definition in node.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    return operations, fragments


class _Finder(Visitor):
    """Finds the directives of a document, and the variables that are part of a plan's key."""

    def __init__(self, lists: frozenset[str]) -> None:
        super().__init__()
        self._lists = lists
        self.names: set[str] = set()
        self.variables: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        self.names.add(node.name.value)
        self._read(node)

    def enter_field(self, node: FieldNode, *_: object) -> None:
        if node.name.value in self._lists:
            for argument in node.arguments or ():
                self._read(argument)

    def _read(self, node: Node) -> None:
        variables = _Variables()
        visit(node, variables)
        self.variables |= variables.names


class _Variables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.names.add(node.name.value)


class _Removal(Visitor):
    def __init__(self, directives: frozenset[str]) -> None:
        super().__init__()
        self._directives = directives

    def enter_directive(self, node: DirectiveNode, *_: object) -> VisitorAction:
        return REMOVE if node.name.value in self._directives else None
