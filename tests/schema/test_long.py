"""`Long`, the integer of 64 bits: a number in JSON or, by a setting, text."""

import json
from typing import Any, Final

import pytest
from graphql import GraphQLError

from gateway.schema.scalars import parse_long
from tests.aws_answers import TRAINING, training_job
from tests.conftest import Put, StartGateway

pytestmark = pytest.mark.anyio

LONGS: Final = (0, -1, 2**31, 2**53, 2**53 + 1, 2**63 - 1, -(2**63))
FIELDS: Final = "trainingJob(name: $name) { inputDataConfig { shuffleConfig { seed } } }"
EXECUTORS: Final = {
    "compiled": f"query ($name: String!) {{ {FIELDS} }}",
    "interpreted": f"query ($name: String!) {{ {FIELDS} __schema {{ queryType {{ name }} }} }}",
}


@pytest.fixture(autouse=True)
def job(put: Put) -> None:
    """Give AWS a job with a channel for each of the numbers."""
    channels = [{"ShuffleConfig": {"Seed": seed}} for seed in (*LONGS, 2**63, True, 1.5, "1")]
    put(TRAINING, training_job("longs", InputDataConfig=channels))


@pytest.mark.parametrize("query", EXECUTORS.values(), ids=EXECUTORS)
@pytest.mark.parametrize("as_text", [False, True])
async def test_every_digit_arrives(
    start_gateway: StartGateway, query: str, *, as_text: bool
) -> None:
    """Both executors write all digits, as a number or as text; what is no `long` is null."""
    gateway = await start_gateway(long_as_text=as_text)
    data = await gateway.data(query, name="longs")

    channels = data["trainingJob"]["inputDataConfig"]
    expected: list[Any] = [str(seed) if as_text else seed for seed in LONGS]
    assert [each["shuffleConfig"]["seed"] for each in channels] == [*expected, *[None] * 4]


@pytest.mark.parametrize("as_text", [False, True])
async def test_schema_says_how_it_is_written(start_gateway: StartGateway, *, as_text: bool) -> None:
    """The description of the scalar is true of the gateway that is asked."""
    gateway = await start_gateway(long_as_text=as_text)
    data = await gateway.data('{ __type(name: "Long") { description } }')

    assert ("text in JSON" in data["__type"]["description"]) is as_text


async def test_settings_do_not_mix(start_gateway: StartGateway) -> None:
    """Gateways of one process share compiled selections, and still write as each is set."""
    written = []
    for as_text in (True, False, True):
        gateway = await start_gateway(long_as_text=as_text)
        answer = await gateway.query(EXECUTORS["compiled"], name="longs")
        written.append(json.loads(answer.http.content)["data"]["trainingJob"])

    assert written[0] == written[2] != written[1]


@pytest.mark.parametrize("value", [*LONGS, "0", "-1", "9223372036854775807"])
def test_accepted(value: Any) -> None:
    """A client may send back what it got, as a number or as text."""
    assert parse_long(value) == int(value)


@pytest.mark.parametrize(
    "value",
    [2**63, -(2**63) - 1, True, None, 1.5, "", "1.0", " 1", "1e3", "\u0661", "9" * 19, "9" * 5_000],
)
def test_refused(value: Any) -> None:
    """Anything else is refused."""
    with pytest.raises(GraphQLError, match="64 bits"):
        parse_long(value)
