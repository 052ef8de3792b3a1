"""Writes `@defer` and `@stream` into generated documents."""

from typing import Any, Final

from graphql import (
    ArgumentNode,
    DirectiveNode,
    FieldNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    NameNode,
    SelectionSetNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_nullable_type,
    is_list_type,
    parse,
    print_ast,
    visit,
)

from gateway.schema.schema import CORE_SCHEMA

from .choices import Choices

_FRAGMENTS: Final = (FragmentSpreadNode, InlineFragmentNode)


def insert_directives(choices: Choices, text: str) -> str:
    """Return the document with some fragments and fields deferred, and some lists streamed."""
    types = TypeInfo(CORE_SCHEMA)
    return print_ast(visit(parse(text), TypeInfoVisitor(types, _Insertion(choices, types))))


class _Insertion(Visitor):
    def __init__(self, choices: Choices, types: TypeInfo) -> None:
        super().__init__()
        self._choices = choices
        self._types = types
        self._streams: dict[str, DirectiveNode | None] = {}
        """By field: fields that are merged must be streamed alike."""
        self._labels = 0

    def enter_field(self, node: FieldNode, *_: Any) -> Any:
        type_ = get_nullable_type(self._types.get_type())
        if type_ is None or not is_list_type(type_) or self._has(node, "stream"):
            return None
        name = node.name.value
        if name not in self._streams:
            count = IntValueNode(value=str(self._choices.number_below(3)))
            self._streams[name] = (
                _directive("stream", initialCount=count) if self._choices.chance(60) else None
            )
        directive = self._streams[name]
        return None if directive is None else _with_directive(node, directive)

    def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> SelectionSetNode:
        return SelectionSetNode(selections=tuple(map(self._defer, node.selections)))

    def _defer(self, node: Any) -> Any:
        if self._has(node, "defer") or not self._choices.chance(30):
            return node
        arguments = {}
        if self._choices.chance(30):
            self._labels += 1
            arguments["label"] = StringValueNode(value=f"L{self._labels}")
        defer = _directive("defer", **arguments)
        if isinstance(node, _FRAGMENTS):
            return _with_directive(node, defer)
        inner = SelectionSetNode(selections=(node,))
        return InlineFragmentNode(directives=(defer,), selection_set=inner)

    @staticmethod
    def _has(node: Any, name: str) -> bool:
        return any(each.name.value == name for each in node.directives or ())


def _directive(name: str, **arguments: Any) -> DirectiveNode:
    nodes = tuple(
        ArgumentNode(name=NameNode(value=key), value=value) for key, value in arguments.items()
    )
    return DirectiveNode(name=NameNode(value=name), arguments=nodes)


def _with_directive(node: Any, directive: DirectiveNode) -> Any:
    arguments = {key: getattr(node, key) for key in node.keys}
    return type(node)(**{**arguments, "directives": (*(node.directives or ()), directive)})
