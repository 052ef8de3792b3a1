"""Documents that clients name by an id or hash: trusted ones, and automatic persisted queries.

Sources: https://www.apollographql.com/docs/apollo-server/performance/apq and
https://graphql.github.io/graphql-over-http/draft/#sec-Persisted-Documents
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from gateway.errors import BadUserInput, Code, CodedError
from gateway.execution.lru_cache import LruCache
from gateway.execution.request import Request
from gateway.http.manifest import hash_text
from gateway.http.redis_documents import RedisDocuments
from gateway.http.trusted_documents import TrustedDocuments
from gateway.http.unknown_documents import UnknownDocuments
from gateway.settings import MIB, DocumentSettings


class PersistedQueryNotFound(CodedError):
    """The id or hash is unknown; a client of Apollo's protocol sends the text with the next one."""

    code: ClassVar[Code] = Code.PERSISTED_QUERY_NOT_FOUND


class NotTrusted(CodedError):
    """The document is not in the manifest, and only those are allowed."""

    code: ClassVar[Code] = Code.FORBIDDEN


class NotPersisted(CodedError):
    """The request has a text and came by GET, by which only persisted documents are named."""

    code: ClassVar[Code] = Code.FORBIDDEN

    def __init__(self) -> None:
        super().__init__(
            "By GET only persisted documents are answered here: send `documentId` or the hash of a "
            "document, or send `query` by POST."
        )


class PersistedDocuments:
    """Finds the text of a request's document, and stores the texts that clients register.

    They are stored in memory within the bound of the settings, and in Redis where there is one.
    """

    def __init__(
        self,
        trusted: TrustedDocuments,
        unknown: UnknownDocuments,
        redis: RedisDocuments | None,
        settings: DocumentSettings,
    ) -> None:
        self._trusted = trusted
        self._unknown = unknown
        self._redis = redis
        allowed = settings.allowed_documents
        self._only_trusted = allowed in {"trusted", "trusted-ids"}
        self._only_ids = allowed == "trusted-ids"
        self._logs_unknown = allowed == "log-unknown"
        self._registered: LruCache[str, str] = LruCache(settings.persisted_megabytes * MIB)

    async def read_request(self, parameters: object) -> Request:
        """Return the request in decoded parameters, with the text of its document.

        Null and empty parameters count as absent, but for an empty `query`.

        Raises `PersistedQueryNotFound`, `NotTrusted` or `BadUserInput`.
        """
        if isinstance(parameters, dict):
            parameters = _remove_empty(parameters)
        try:
            return Request.parse(parameters, self._find_text)
        except PersistedQueryNotFound:
            assert isinstance(parameters, dict)
            if not await self._load_from_redis(parameters):
                raise
        return Request.parse(parameters, self._find_text)

    async def _load_from_redis(self, parameters: Mapping[str, Any]) -> bool:
        """Store what another replica registered; return whether Redis has it."""
        if self._redis is None:
            return False
        hash_ = _normalise(
            parameters.get("documentId") or _hash(parameters.get("extensions")) or ""
        )
        text = await self._redis.find_text(hash_)
        if text is not None:
            self._store(hash_, text)
        return text is not None

    def _store(self, hash_: str, text: str) -> None:
        self._registered.put(hash_, text, len(text) + len(hash_))

    def _find_text(self, parameters: Mapping[str, Any]) -> str:
        query = parameters.get("query")
        if query is not None and not isinstance(query, str):
            raise BadUserInput("`query` must be a string.")
        hash_ = _hash(parameters.get("extensions"))
        id_ = parameters.get("documentId", hash_)
        if id_ is not None and not isinstance(id_, str):
            raise BadUserInput("`documentId` must be a string.")
        # Some clients of Apollo's protocol send an empty text instead of none.
        if id_ is not None and not query:
            text = self._find_document(id_)
        else:
            text = self._check_allowed(query)
            if id_ is not None:
                self._register(text, hash_)
        if self._logs_unknown and text not in self._trusted.manifest.all_texts:
            self._unknown.note(text, parameters.get("operationName"))
        return text

    def _check_allowed(self, query: str | None) -> str:
        if query is None:
            raise BadUserInput("The request has no `query`, which must be a string.")
        if self._only_ids:
            raise NotTrusted("Only the ids of trusted documents are answered here: send one.")
        if self._only_trusted and query not in self._trusted.manifest.all_texts:
            raise NotTrusted("Only trusted documents are answered here, and this is none.")
        return query

    def _find_document(self, id_: str) -> str:
        hash_ = _normalise(id_)
        texts = self._trusted.manifest.texts
        text = texts.get(id_) or texts.get(hash_)
        if text is None and not self._only_trusted:
            text = self._registered.get(hash_)
        if text is None:
            raise PersistedQueryNotFound("PersistedQueryNotFound")
        return text

    def _register(self, text: str, hash_: str | None) -> None:
        if hash_ is None:
            raise BadUserInput("A request has a `query` or a `documentId`, not both.")
        if hash_text(text) != hash_.lower():
            raise BadUserInput("provided sha does not match query")
        if self._only_trusted:
            # It is in the manifest, by its hash too.
            return
        self._store(hash_.lower(), text)
        if self._redis is not None:
            self._redis.store_text(hash_.lower(), text)


def _remove_empty(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in parameters.items()
        if value is not None and (value != "" or name == "query")
    }


def _normalise(id_: str) -> str:
    """Return the hash in an id that is one, as it stands in Relay's and Apollo's requests."""
    return id_.removeprefix("sha256:").lower()


def _hash(extensions: object) -> str | None:
    """Return the hash in Apollo's extension, `None` when it is absent, null or empty."""
    if extensions is None:
        return None
    if not isinstance(extensions, dict):
        raise BadUserInput("`extensions` must be an object.")
    persisted = extensions.get("persistedQuery")
    if persisted is None:
        return None
    if not isinstance(persisted, dict):
        raise BadUserInput("`extensions.persistedQuery` must be an object.")
    hash_ = persisted.get("sha256Hash")
    if hash_ is None or hash_ == "":
        return None
    if not isinstance(hash_, str):
        raise BadUserInput("`sha256Hash` must be a string.")
    if persisted.get("version") != 1:
        raise BadUserInput("Only version 1 of `extensions.persistedQuery` is known.")
    return hash_
