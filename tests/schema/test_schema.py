"""The schema as a whole, and the forms in which tools read it."""

import json
from typing import Any, Final

import pytest
from graphql import (
    GraphQLSchema,
    build_client_schema,
    build_schema,
    lexicographic_sort_schema,
    print_schema,
)

from gateway.cli import main
from gateway.schema.schema import CORE_SCHEMA

INCREMENTAL: Final = frozenset({"defer", "stream"})


def printed(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """Return what `sagemaker-gateway schema` prints with these options."""
    main(["schema", *options])
    return capsys.readouterr().out


def sorted_text(schema: GraphQLSchema, *, without: frozenset[str] = frozenset()) -> str:
    """Return the text of a schema with everything in order, without some directives."""
    kwargs: Any = schema.to_kwargs()
    kwargs["directives"] = [each for each in schema.directives if each.name not in without]
    return print_schema(lexicographic_sort_schema(GraphQLSchema(**kwargs)))


def test_without_incremental_delivery(capsys: pytest.CaptureFixture[str]) -> None:
    """`@defer` and `@stream` are left out, and nothing else."""
    text = printed(capsys, "--without-incremental")

    assert not any(f"@{name}" in text for name in INCREMENTAL)
    assert sorted_text(build_schema(text)) == sorted_text(CORE_SCHEMA, without=INCREMENTAL)
    assert printed(capsys, "--format", "sdl", "--without-incremental") == text


@pytest.mark.parametrize("options", [[], ["--without-incremental"]])
def test_introspection(capsys: pytest.CaptureFixture[str], options: list[str]) -> None:
    """The JSON is the same schema, as tools read it that do not read the language."""
    result = json.loads(printed(capsys, "--format", "introspection", *options))
    text = printed(capsys, *options)

    assert result.keys() == {"__schema"}
    assert sorted_text(build_client_schema(result)) == sorted_text(build_schema(text))


def test_arguments_have_no_null_default(capsys: pytest.CaptureFixture[str]) -> None:
    """An argument's type says that it may be left out; code generators stumble over `= null`."""
    assert "= null" not in printed(capsys)
