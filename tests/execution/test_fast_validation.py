"""Documents that are recognised as valid at a glance are valid."""

import random
import re
from typing import Final

import pytest
from graphql import GraphQLSyntaxError, parse, validate

from gateway.execution.fast_validation import is_plain
from gateway.schema.schema import CORE_SCHEMA
from tests.conftest import Count

PLAIN: Final = (
    "{ __typename }",
    (
        "query Job($name: String!, $region: String, $yes: Boolean!) { job: processingJob("
        "name: $name, region: $region) { id processingJobStatus creationTime @include(if: $yes) "
        "trainingJob { trainingJobName autoMLJob { autoMLJobStatus } } "
        "processingInputs { s3Input { s3Uri } } } }"
    ),
    (
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename ... on ProcessingJob { "
        "processingJobName ...Links } ... on TrainingJob { trainingJobName } } } fragment Links on "
        "ProcessingJob { monitoringSchedule { monitoringScheduleStatus } }"
    ),
    (
        '{ node(id: "x") { id ... on AutoMLJob { bestCandidate { candidateSteps { '
        "candidateStepJob { __typename ... on TransformJob { transformJobArn } } } } } } }"
    ),
    (
        '{ a: trainingJob(name: "a") { id id } b: trainingJob(name: "b") { hyperParameters { key '
        'value } } nodes(ids: ["a", "b"]) { id } }'
    ),
)
NOT_PLAIN: Final = (
    "{ __schema { types { name } } }",
    "query A { __typename } query B { __typename }",
    'query ($n: String = "x") { processingJob(name: $n) { id } }',
    '{ processingJob(name: "a") { trainingJob { id } trainingJob { trainingJobName } } }',
    "{ nothing }",
    "query ($n: String!) { __typename }",
    '{ processingJob(name: "a") { id @skip(if: true) @skip(if: true) } }',
    "{ processingJob { id } }",
    "{ processingJob(name: 5) { id } }",
    '{ processingJob(name: "a") }',
    '{ processingJob(name: "a") { id { x } } }',
    '{ processingJob(name: "a") { ... on TrainingJob { id } } }',
    (
        '{ node(id: "a") { ... on ProcessingJob { x: processingJobName } ... on TrainingJob { x: '
        "trainingJobStatus } } }"
    ),
    "{ ...F } fragment F on Query { ...F }",
    "{ __typename } fragment F on Query { __typename }",
)
_TOKEN: Final = re.compile(r'"[^"]*"|\.\.\.|[\w$@]+|[^\s\w]')
_MUTANTS: Final = 4_000


@pytest.mark.parametrize("text", PLAIN)
def test_common_documents_are_plain(text: str) -> None:
    """What clients mostly send is recognised, and valid."""
    document = parse(text)

    assert is_plain(CORE_SCHEMA, document)
    assert validate(CORE_SCHEMA, document) == []


@pytest.mark.parametrize("text", NOT_PLAIN)
def test_what_needs_judgement_is_not_plain(text: str) -> None:
    """Whether it is valid or not, graphql-core says it."""
    assert not is_plain(CORE_SCHEMA, parse(text))


def test_nothing_invalid_is_plain(count: Count) -> None:
    """Thousands of broken variations of plain documents are refused or valid after all."""
    chance = random.Random(7)
    pool = sorted({token for text in PLAIN + NOT_PLAIN for token in _TOKEN.findall(text)})
    judged = plain = 0
    for _ in range(_MUTANTS):
        text = _mutant(chance, pool)
        try:
            document = parse(text)
        except GraphQLSyntaxError:
            continue
        judged += 1
        if is_plain(CORE_SCHEMA, document):
            plain += 1
            assert validate(CORE_SCHEMA, document) == [], text

    count("plain documents: variations judged", judged)
    assert judged > 300
    assert plain > 50


def _mutant(chance: random.Random, pool: list[str]) -> str:
    tokens = _TOKEN.findall(chance.choice(PLAIN))
    for _ in range(chance.randint(1, 2)):
        place = chance.randrange(len(tokens))
        other = chance.choice(tokens if chance.random() < 0.7 else pool)
        match chance.randrange(4):
            case 0:
                tokens[place] = other
            case 1:
                tokens.insert(place, other)
            case 2:
                del tokens[place]
            case _:
                swap = chance.randrange(len(tokens))
                tokens[place], tokens[swap] = tokens[swap], tokens[place]
        if not tokens:
            break
    return " ".join(tokens)
