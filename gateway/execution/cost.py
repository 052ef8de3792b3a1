"""Work out the cost of an operation: the most AWS calls that it can cause.

Each place in the operation counts as often as there can be objects: a connection by its `first`, a
list that AWS sends whole by the most items that AWS's model allows. The cost does not depend on
what is cached.
"""

from functools import reduce
from operator import add, or_
from weakref import WeakKeyDictionary

from gateway.aws.call_budget import FREE, Cost
from gateway.aws.resources import TAGS
from gateway.aws.tags import MAX_PAGES
from gateway.execution.compiled.template import Template
from gateway.schema.identity import root_type_named
from gateway.schema.references import Reference, Target
from gateway.schema.selection import Kind, SelectedField, Selection, WrongArguments
from gateway.settings import ReaderSettings


class CostModel:
    """Works out costs under the settings of lists and of Search."""

    def __init__(self, settings: ReaderSettings) -> None:
        self.settings = settings
        self._known: WeakKeyDictionary[Selection, Cost] = WeakKeyDictionary()

    def of_operation(self, root: Selection, template: Template) -> Cost:
        """Return the cost of an operation, given its root selection and its template."""
        fields = {field.key: field for field in root.fields}
        cost = FREE
        read = set()
        for target, path in zip(template.placeholders, template.paths, strict=True):
            if isinstance(target, Target):
                field = fields[str(path[0])]
                assert isinstance(field.source, Reference)
                # An entry that is selected at two places is read once.
                work_out = field.source.cost_below if target.key in read else field.source.cost
                part = work_out(field.arguments, target.selection, self)
                read.add(target.key)
                cost += part.at(*(key for key in path if isinstance(key, str)))
        return cost

    def below(self, selection: Selection) -> Cost:
        """Return the cost of the fields below one object."""
        cost = self._known.get(selection)
        if cost is None:
            parts = (
                self._cost_of_field(field).at(field.key)
                for field in selection.fields
                if field.selections
            )
            cost = self._known[selection] = reduce(add, parts, FREE)
        return cost

    def describe(self, selection: Selection, *, calls: int = 1, objects: int = 1) -> Cost:
        """Return the cost of `calls` describes; Search may answer `objects` resources instead."""
        root = root_type_named(selection.type_name)
        assert root is not None, selection.type_name
        is_searched = self.settings.search and selection.is_searchable
        searchable = objects if is_searched else 0
        return Cost.of(root.resource.describe, calls, searchable=searchable)

    def check(self, selection: Selection) -> Cost:
        """Return the cost of checking by its tags whether one resource is in the view."""
        view = selection.grants.view
        return Cost.of(TAGS.operation, MAX_PAGES) if view is not None and view.tags else FREE

    def _cost_of_field(self, field: SelectedField) -> Cost:
        if field.kind is Kind.REFERENCE:
            return self._cost_of_reference(field)
        if field.kind is not Kind.OBJECT:
            return FREE
        below = self.below(field.selections[0])
        if not below.calls or not field.is_list:
            return below
        assert field.most is not None, field.name
        return below * field.most

    def _cost_of_reference(self, field: SelectedField) -> Cost:
        reference, arguments = field.source, field.arguments
        assert isinstance(reference, Reference)
        if isinstance(arguments, WrongArguments):
            return FREE
        costs = (reference.cost(arguments, selection, self) for selection in field.selections)
        return reduce(or_, costs)
