"""Callers with API keys of their own, in front of one gateway."""

from collections.abc import Mapping
from typing import Any

import httpx

from gateway.auth.api_keys import create_key, hash_key

from .conftest import StartGateway
from .gateway_under_test import Gateway


class Callers:
    """Callers with API keys, and a gateway that knows them."""

    def __init__(self, gateway: Gateway, keys: Mapping[str, str]) -> None:
        self.gateway = gateway
        self._keys = keys

    def token(self, name: str) -> str:
        """Return the value of the header `Authorization` of the caller of that name."""
        return f"Bearer {self._keys[name]}"

    async def ask(self, name: str, query: str, **headers: str) -> httpx.Response:
        """Return the response to an operation of the caller of that name, sent by POST."""
        headers["authorization"] = self.token(name)
        return await self.gateway.http.post("/graphql", json={"query": query}, headers=headers)

    async def get(self, name: str, query: str, **headers: str) -> httpx.Response:
        """Return the response to an operation of the caller of that name, sent by GET."""
        headers["authorization"] = self.token(name)
        return await self.gateway.http.get("/graphql", params={"query": query}, headers=headers)

    async def data(self, name: str, query: str) -> Any:
        """Return the data of an operation that meets no error."""
        body = (await self.ask(name, query)).json()
        assert "errors" not in body, body["errors"]
        return body["data"]


async def start_callers(
    start_guarded: StartGateway, callers: Mapping[str, str], views: str = "", **settings: Any
) -> Callers:
    """Return the callers of these names, each with its lines of the access file."""
    keys = {name: create_key() for name in callers}
    sections = [
        f'[[api_keys]]\nname = "{name}"\nhash = "{hash_key(keys[name].encode())}"\n{lines}\n'
        for name, lines in callers.items()
    ]
    return Callers(await start_guarded("\n".join(sections) + views, **settings), keys)
