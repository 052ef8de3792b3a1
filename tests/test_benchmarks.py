"""The benchmark measures servers that answer the same, and right."""

import importlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from botocore.session import get_session
from botocore.validate import ParamValidator
from graphql import (
    FieldNode,
    GraphQLObjectType,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_object_type,
    parse,
)

from benchmarks.checks import check, expectation
from benchmarks.expected import Expectation, differences
from benchmarks.load.closed_loop import python_load
from benchmarks.measure.file_sizes import lines_by_package
from benchmarks.measure.journeys import trace
from benchmarks.measure.sample import Sample
from benchmarks.processes import Cores
from benchmarks.report import report
from benchmarks.results import Results
from benchmarks.run_context import OTHER, RunContext
from benchmarks.siege.attacks import ATTACKS
from benchmarks.targets import run_target
from benchmarks.token_issuer import TokenIssuer
from benchmarks.upstream.answers import LIST, OPERATIONS, Answers
from benchmarks.upstream.client import UpstreamProcess
from benchmarks.workloads import (
    NAMES,
    PAGE,
    WARM,
    by_connection,
    by_name,
    by_page,
    document,
    page_of_everything,
)
from gateway.schema.identity import ROOT_TYPES
from gateway.schema.schema import CORE_SCHEMA

from .gateway_under_test import running
from .schema.conformance import ADDED

pytestmark = pytest.mark.anyio

ROOT: Final = Path(__file__).parents[1]
BODIES_WITHOUT_LISTS = [
    *(by_name(document(name), NAMES[7]) for name in ("w1", "w2", "w3")),
    *(by_page(text, NAMES[:3]) for text in (document("w5"), document("c2"), page_of_everything())),
]
BODIES = [*BODIES_WITHOUT_LISTS, by_connection(document("w6"))]


@pytest.fixture(scope="module")
def upstream_process(
    environment: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[UpstreamProcess]:
    """Yield the benchmark's upstream."""
    with UpstreamProcess(Cores.only(), tmp_path_factory.mktemp("upstream")) as process:
        yield process


@pytest.fixture(scope="module")
def upstream(upstream_process: UpstreamProcess) -> str:
    """Return the address of the benchmark's upstream."""
    return upstream_process.url


@pytest.fixture(scope="module")
def expected(upstream: str) -> Expectation:
    """Return what boto3 says about the upstream."""
    return expectation(upstream)


async def wrong_answers(
    client: httpx.AsyncClient, path: str, expected: Expectation, bodies: list[str]
) -> list[str]:
    """Return where a server's answers differ from boto3's."""
    wrong: list[str] = []
    for body in bodies:
        headers = {"content-type": "application/json"}
        response = await client.post(path, content=body, headers=headers)
        request = httpx.Response(200, content=body).json()
        answer = response.json()
        assert "errors" not in answer, answer
        wrong += differences(answer["data"], expected.of(request["query"], request["variables"]))
    return wrong


async def test_gateway_answers_workloads_as_boto3_does(
    upstream: str, expected: Expectation
) -> None:
    """The gateway's answers to all workloads are what boto3 says."""
    async with running(endpoint_url=upstream) as gateway:
        assert not await wrong_answers(gateway.http, "/graphql", expected, BODIES)


async def test_gateway_knows_the_callers_of_the_benchmark(upstream: str, tmp_path: Path) -> None:
    """The gateway answers a workload with a token of the benchmark's issuer, and not without."""
    file = tmp_path / "access.toml"
    (body,) = WARM[0].bodies
    headers = {"content-type": "application/json"}
    with TokenIssuer.run() as issuer:
        issuer.write_access_file(file)
        async with running(endpoint_url=upstream, access_file=file) as gateway:
            refused = await gateway.http.post("/graphql", content=body, headers=headers)
            headers["authorization"] = f"Bearer {issuer.sign('ada')}"
            answer = await gateway.http.post("/graphql", content=body, headers=headers)

    assert refused.status_code == httpx.codes.UNAUTHORIZED
    assert "errors" not in answer.json(), answer.text
    assert answer.json()["data"]["processingJob"]["processingJobName"] == NAMES[0]


async def test_textbook_answers_workloads_as_boto3_does(
    upstream: str, expected: Expectation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So are those of the textbook's server."""
    monkeypatch.setenv("UPSTREAM_URL", upstream)
    app = importlib.import_module("benchmarks.textbook.app").app
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://textbook") as client:
        assert not await wrong_answers(client, "/", expected, BODIES_WITHOUT_LISTS)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_upstream_answers_in_the_shapes_of_aws(operation: str) -> None:
    """What the upstream tells is valid by botocore's own model."""
    model = get_session().get_service_model("sagemaker").operation_model(operation)
    answers = Answers()
    assert model.input_shape
    assert model.output_shape
    (name,) = model.input_shape.required_members
    text = answers.answer(operation, f'{{"{name}": "job"}}'.encode())
    assert text is not None
    answer = httpx.Response(200, content=text).json()

    report = ParamValidator().validate(answer, model.output_shape)

    assert not report.has_errors(), report.generate_report()
    assert answer[name] == "job"


def test_upstream_lists_in_the_shape_of_aws() -> None:
    """A page of its list is valid by botocore's own model, and full."""
    shape = get_session().get_service_model("sagemaker").operation_model(LIST).output_shape
    text = Answers().answer(LIST, b"{}")
    assert text is not None
    answer = httpx.Response(200, content=text).json()

    report = ParamValidator().validate(answer, shape)

    assert not report.has_errors(), report.generate_report()
    assert len(answer["ProcessingJobSummaries"]) == PAGE


def test_upstream_finds_what_is_searched_for() -> None:
    """All names of all filters, each as the describe tells it."""
    body = b'{"SearchExpression":{"Filters":[{"Value":"a,b"},{"Value":"c"}]}}'
    text = Answers().answer("Search", body)
    assert text is not None
    found = [
        result["TrainingJob"] for result in httpx.Response(200, content=text).json()["Results"]
    ]

    assert [job["TrainingJobName"] for job in found] == ["a", "b", "c"]
    described = Answers().answer("DescribeTrainingJob", b'{"TrainingJobName": "b"}')
    assert described is not None
    assert found[1] == httpx.Response(200, content=described).json()


def test_w2_asks_for_every_field_of_a_job() -> None:
    """The workload with every field leaves out links, and what AWS does not describe a job with."""
    operation = parse(document("w2")).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    query = CORE_SCHEMA.query_type
    assert query

    assert unasked(query.fields["processingJob"].type, fields(operation.selection_set)[0]) == []


def unasked(type_: Any, node: FieldNode) -> list[str]:
    """Return the fields below `node` that are not asked for."""
    named = get_named_type(type_)
    if not is_object_type(named):
        return []
    asked = {each.name.value: each for each in fields(node.selection_set)}
    missing: list[str] = []
    for name, field in named.fields.items():
        if name in asked:
            missing += unasked(field.type, asked[name])
        elif not is_link(get_named_type(field.type)) and (named.name, name) not in ADDED:
            missing.append(f"{named.name}.{name}")
    return missing


def is_link(type_: Any) -> bool:
    """Tell whether a type is that of a resource with an ARN."""
    identified = {root.resource.type_name for root in ROOT_TYPES.values()}
    return isinstance(type_, GraphQLObjectType) and type_.name in identified


def fields(selections: SelectionSetNode | None) -> list[FieldNode]:
    """Return the fields of a selection without fragments."""
    return (
        [node for node in selections.selections if isinstance(node, FieldNode)]
        if selections
        else []
    )


def test_journeys_are_traced(upstream: str) -> None:
    """Each journey ends as its name says, and enters files and changes between them."""
    traced = trace(ROOT, upstream)

    assert len(traced) == 5
    for figures in traced.values():
        assert 5 < figures["files"] <= figures["file_changes"]
    assert traced["list page, cold"]["file_changes"] > traced["linked job, cold"]["file_changes"]
    assert traced["linked job, cold"]["files"] > traced["refused, unknown field"]["files"]


def test_files_are_counted_by_package(tmp_path: Path) -> None:
    """Modules count for their top-level package, and all but the twin's for the total."""
    for name, lines in {"a.py": 1, "aws/b.py": 2, "aws/deep/c.py": 4, "twin/d.py": 9}.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("pass\n" * lines)
    (tmp_path / "aws" / "__init__.py").write_text("pass\n")

    assert lines_by_package(tmp_path) == {
        "all but the twin": [1, 2, 4],
        "aws": [2, 4],
        "top level": [1],
        "twin": [9],
    }


def test_gateway_of_another_checkout_is_served(
    upstream_process: UpstreamProcess, tmp_path: Path
) -> None:
    """The other checkout's gateway runs from its folder and answers like this one's."""
    shutil.copytree(ROOT / "gateway", tmp_path / "gateway")
    marker = tmp_path / "gateway" / "errors.py"
    marker.write_text(f"{marker.read_text()}\nprint('the other checkout')\n")
    context = RunContext(
        cores=Cores.only(),
        folder=tmp_path,
        upstream=upstream_process,
        load=python_load,
        wrk=None,
        seconds=0.1,
        repetitions=1,
        against=tmp_path,
    )

    with run_target(OTHER, context) as target:
        check(target, WARM[0], expectation(upstream_process.url), context.answers)

    assert "the other checkout" in target.process.log_tail


def test_report_compares_checkouts() -> None:
    """Ratios to another checkout are medians of the ratios within each repetition."""
    results = Results()
    for repetition, (ours, theirs) in enumerate([(100, 50), (300, 300), (100, 400)]):
        for target, ms in (("gateway", ours), (OTHER, theirs)):
            sample = Sample(workload="c1", target=target, repetition=repetition, ms=ms, calls=1)
            results.extend([sample])
    tables = report(results, {"c1": "one"}).split("\n\n")
    (compared,) = (table for table in tables if "ratio" in table)

    assert [line.split() for line in compared.splitlines()[2:]] == [
        ["c1", "ms", "100", "300", "1.00"],
        ["c1", "AWS", "calls", "1", "1", "1.00"],
    ]


def test_siege_has_attacks_of_each_kind() -> None:
    """Each attack has a key of its own, which names the kind that it is of."""
    keys = [attack.key for attack in ATTACKS]
    assert len(keys) == len(set(keys)) > 90
    assert {key.partition("-")[0] for key in keys} == {f"a{number}" for number in range(1, 9)}
