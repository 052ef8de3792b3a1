"""Imports go one way: cli, app, server, http, execution, schema, aws. The twin imports no layer.

`auth` is below http. Of it, execution and `budgets` know who the caller is, and nothing of tokens.
`budgets` is below execution.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from gateway.schema.registry import RESOURCES

ROOT: Final = Path(__file__).parents[1]

MAY_IMPORT: Final = {
    "gateway": set[str](),
    "gateway.errors": set[str](),
    "gateway.file_watch": set[str](),
    "gateway.grants": set[str](),
    "gateway.redaction": set[str](),
    "gateway.weight": set[str](),
    "gateway.settings": set[str](),
    "gateway.logs": {"gateway.errors", "gateway.redaction"},
    "gateway.redis_client": {"gateway.errors", "gateway.settings"},
    "gateway.budgets.limits": set[str](),
    "gateway.budgets": {
        "gateway.auth.caller",
        "gateway.budgets.limits",
        "gateway.errors",
        "gateway.redis_client",
    },
    "gateway.auth": {
        "gateway.auth.caller",
        "gateway.budgets.limits",
        "gateway.errors",
        "gateway.file_watch",
        "gateway.grants",
        "gateway.logs",
        "gateway.settings",
    },
    "gateway.auth.caller": {"gateway.budgets.limits", "gateway.grants"},
    "gateway.aws": {
        "gateway.errors",
        "gateway.weight",
        "gateway.grants",
        "gateway.logs",
        "gateway.settings",
    },
    "gateway.schema": {
        "gateway.errors",
        "gateway.grants",
        "gateway.redaction",
        "gateway.settings",
        "gateway.aws",
    },
    "gateway.execution": {
        "gateway.budgets",
        "gateway.auth.caller",
        "gateway.errors",
        "gateway.weight",
        "gateway.grants",
        "gateway.redaction",
        "gateway.settings",
        "gateway.aws",
        "gateway.schema",
    },
    "gateway.http": {
        "gateway.budgets",
        "gateway.redis_client",
        "gateway.auth",
        "gateway.auth.caller",
        "gateway.errors",
        "gateway.file_watch",
        "gateway.grants",
        "gateway.settings",
        "gateway.execution",
    },
    "gateway.server": {"gateway.errors", "gateway.settings", "gateway.http"},
    "gateway.app": {
        "gateway.budgets",
        "gateway.budgets.limits",
        "gateway.redis_client",
        "gateway.auth",
        "gateway.auth.caller",
        "gateway.errors",
        "gateway.grants",
        "gateway.logs",
        "gateway.settings",
        "gateway.aws",
        "gateway.schema",
        "gateway.execution",
        "gateway.http",
        "gateway.server",
    },
    "gateway.cli": {
        "gateway.errors",
        "gateway.logs",
        "gateway.settings",
        "gateway.app",
        "gateway.aws",
        "gateway.schema",
    }
    | {"gateway.auth", "gateway.http", "gateway.server", "gateway.twin"},
    "gateway.__main__": {"gateway.cli"},
    "gateway.twin": set[str](),
}
"""The layers, and which others each may import."""

OWNERS: Final = {
    "boto3": {"gateway.aws.client"},
    "botocore": {
        "gateway.aws.bounded_session",
        "gateway.aws.call_log",
        "gateway.aws.client",
        "gateway.aws.credentials",
        "gateway.aws.failures",
        "gateway.aws.times",
        "gateway.twin",
    },
    "aiocache": {"gateway.aws.cache"},
    "moto": {"gateway.twin"},
    "starlette": {"gateway.http", "gateway.server", "gateway.app"},
    "uvicorn": {"gateway.server"},
    "httptools": {"gateway.server", "gateway.twin"},
    "httpx": {"gateway.auth.fetch"},
    "jwt": {"gateway.auth.jwk", "gateway.auth.token"},
    "cryptography": {"gateway.auth.jwk"},
    "strawberry": {"gateway.schema", "gateway.execution"},
    "graphql": {"gateway.schema", "gateway.execution"},
    "pydantic": {
        "gateway.auth.access_file",
        "gateway.auth.views",
        "gateway.settings",
        "gateway.cli",
    },
    "redis": {"gateway.redis_client"},
    "pydantic_settings": {"gateway.settings"},
}
"""The layers or modules that may import a library; any may that is not listed."""

CHECKED_BY_EYE: Final = {
    ("gateway.schema.registry", "import_module(f'gateway.schema.types.{name}')"),
}
"""The imports whose module is not known before the program runs, each within its layer."""

MAY_NAME_RESOURCES: Final = {
    "gateway.schema.types",
    "gateway.http.graphiql",  # its examples
    "gateway.twin",
}
"""The packages and modules that may name a single resource; the registry may in one line each."""

ONLY_INSIDE_FUNCTIONS: Final = {("gateway.cli", "gateway.twin")}
"""What a layer must not need to be imported: the twin is an optional extra."""


class Import(NamedTuple):
    """One import: which module imports what, and whether only when a function runs."""

    importer: str
    imported: str
    is_lazy: bool


def imports(module: str, source: str) -> Iterator[Import]:
    """Yield every import of a module, wherever it stands in it."""
    tree = ast.parse(source)
    lazy = {
        inner
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for inner in ast.walk(outer)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(module, alias.name, node in lazy)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = module.split(".")[: -node.level]
                base = ".".join([*package, *filter(None, [node.module])])
            for alias in node.names:
                yield Import(module, f"{base}.{alias.name}", node in lazy)
        elif isinstance(node, ast.Call) and "import" in ast.unparse(node.func):
            yield Import(module, ast.unparse(node), node in lazy)


def layer_of(module: str) -> str:
    """Return the layer of a module of the gateway."""
    return max((layer for layer in MAY_IMPORT if within(module, layer)), key=len)


def within(module: str, package: str) -> bool:
    """Tell whether a module is a package, or inside of it."""
    return module == package or module.startswith(f"{package}.")


def wrong(found: Import) -> str | None:
    """Return what is wrong with an import, `None` when it points the right way."""
    arrow = f"{found.importer} imports {found.imported}"
    if within(found.imported, "gateway"):
        mine, theirs = layer_of(found.importer), layer_of(found.imported)
        if theirs not in {mine, "gateway"} and theirs not in MAY_IMPORT[mine]:
            return f"{arrow}, a layer that it must not know"
        if (mine, theirs) in ONLY_INSIDE_FUNCTIONS and not found.is_lazy:
            return f"{arrow} before anybody asks for it"
        return None
    owners = OWNERS.get(found.imported.split(".")[0])
    if owners is not None and not any(within(found.importer, owner) for owner in owners):
        return f"{arrow}, which belongs to {' and '.join(sorted(owners))}"
    if "(" in found.imported and (found.importer, found.imported) not in CHECKED_BY_EYE:
        return f"{arrow}, out of this test's sight"
    return None


def modules() -> Iterator[tuple[str, str]]:
    """Yield name and source of every module of the gateway."""
    for path in sorted((ROOT / "gateway").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        yield name, path.read_text(encoding="utf-8")


def test_imports_point_one_way() -> None:
    """No module of the gateway imports a layer, or a library, that it must not know."""
    found = [each for name, source in modules() for each in imports(name, source)]

    assert [problem for each in found if (problem := wrong(each))] == []
    assert len(found) > 300


@pytest.mark.parametrize(
    ("importer", "source"),
    [
        ("gateway.aws.arn", "import strawberry"),
        ("gateway.aws.reader", "from gateway.schema.root_fields import Query"),
        ("gateway.aws.reader", "import gateway.execution.engine as e"),
        ("gateway.aws.reader", "import boto3"),
        ("gateway.auth.authenticator", "from gateway.execution.request import Request"),
        ("gateway.auth.authenticator", "from starlette.requests import Request"),
        ("gateway.execution.engine", "from gateway.auth.access_file import AccessFile"),
        ("gateway.aws.client", "from starlette.requests import Request"),
        ("gateway.aws.reader", "from aiocache import Cache"),
        ("gateway.schema.references", "from boto3 import Session"),
        ("gateway.schema.references", "import botocore.exceptions"),
        ("gateway.schema.references", "from gateway.http import endpoint"),
        ("gateway.schema.references", "def f():\n    from gateway.execution import engine"),
        ("gateway.execution.engine", "from starlette.types import Scope"),
        ("gateway.execution.engine", "import boto3"),
        ("gateway.http.endpoint", "import strawberry"),
        ("gateway.http.endpoint", "from gateway.aws.reader import Reader"),
        ("gateway.http.endpoint", "import boto3.session"),
        ("gateway.http.endpoint", "from gateway.app import create_app"),
        ("gateway.http.endpoint", "from ..aws import reader"),
        ("gateway.settings", "import os, gateway.aws.client"),
        ("gateway.settings", "from gateway.errors import Code"),
        ("gateway.settings", "import botocore"),
        ("gateway.twin.store", "from gateway.settings import Settings"),
        ("gateway.errors", "from gateway.aws import errors"),
        ("gateway.twin.store", "from gateway.aws.arn import Arn"),
        ("gateway.twin.store", "from gateway.errors import Code"),
        ("gateway.app", "from gateway.twin import Twin"),
        ("gateway.app", "def f():\n    from gateway.twin import Twin"),
        ("gateway.cli", "from gateway.twin import Twin"),
        ("gateway.schema.references", "importlib.import_module('boto3')"),
        ("gateway.schema.references", "__import__('boto3')"),
    ],
)
def test_wrong_import_is_found(importer: str, source: str) -> None:
    """Every kind of arrow that points the wrong way is seen, however it is written."""
    assert any(wrong(each) for each in imports(importer, source))


@pytest.mark.parametrize(
    ("importer", "source"),
    [
        ("gateway.aws.failures", "from botocore.exceptions import ClientError"),
        ("gateway.aws.client", "import boto3"),
        ("gateway.aws.reader", "from gateway.settings import ReaderSettings"),
        ("gateway.aws.cache", "from aiocache.base import BaseCache"),
        ("gateway.schema.root_fields", "from gateway.aws.resources import RESOURCES"),
        ("gateway.execution.engine", "from gateway import errors"),
        ("gateway.http.endpoint", "from starlette.types import Scope"),
        ("gateway.twin.app", "from moto.core import x"),
        ("gateway.cli", "def f():\n    from gateway.twin import Twin"),
        ("gateway.http.endpoint", "from . import body"),
    ],
)
def test_right_import_is_not_found(importer: str, source: str) -> None:
    """What the layers allow passes."""
    assert not any(wrong(each) for each in imports(importer, source))


def test_resource_is_one_file_and_one_line() -> None:
    """Outside its own file a resource is named in one line of the registry, and nowhere else."""
    names = [name for resource in RESOURCES for name in (resource.type_name, resource.arn_type)]
    spellings = "|".join(re.escape(name.replace("-", "")) for name in names)
    found = Counter(
        (module, match[0])
        for module, source in modules()
        if not any(within(module, other) for other in MAY_NAME_RESOURCES)
        for match in re.finditer(spellings, source.replace("_", "").replace("-", ""), re.IGNORECASE)
    )

    assert {module for module, _ in found} == {"gateway.schema.registry"}
    assert set(found.values()) == {1}
    assert len(found) == len(RESOURCES)
