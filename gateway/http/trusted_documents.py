"""Trusted documents: their manifest is read again when it changes, and they are warmed.

Source of the steps to them: https://cosmo-docs.wundergraph.com/router/persisted-queries
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable
from itertools import islice
from typing import Final

from gateway.errors import BadUserInput, ConfigurationError
from gateway.execution.document import Documents
from gateway.file_watch import FileWatch, Sleep
from gateway.grants import Grants
from gateway.http.manifest import NO_MANIFEST, Manifest, hash_text, read_manifest
from gateway.settings import DocumentSettings

logger = logging.getLogger(__name__)

_START_SECONDS: Final = 1.0
"""How long the start waits for documents to be warmed; the others follow while requests come."""
_MOST_GRANTS: Final = 10
"""Different grants for which documents are planned in advance."""


class Warming:
    """Parses, validates and plans documents before anybody asks for them.

    They take at most `max_bytes` of memory. `find_grants` returns grants that callers will have.
    """

    def __init__(
        self, documents: Documents, max_bytes: int, find_grants: Callable[[], Iterable[Grants]]
    ) -> None:
        self._documents = documents
        self._max_bytes = max_bytes
        self._find_grants = find_grants

    async def warm(self, texts: Collection[str]) -> None:
        """Warm documents one after the other; what else is to be done is done between them."""
        grants = list(islice(dict.fromkeys(self._find_grants()), _MOST_GRANTS))
        size = warmed = 0
        for text in texts:
            if size > self._max_bytes:
                break
            size += self._warm_one(text, grants)
            warmed += 1
            await asyncio.sleep(0)
        facts = {"documents": warmed, "left_out": len(texts) - warmed}
        logger.info("gateway.documents_warmed", extra=facts)

    def _warm_one(self, text: str, grants: Iterable[Grants]) -> int:
        """Return the memory in bytes that a document takes now."""
        try:
            return self._documents.warm(text, grants)
        except BadUserInput as error:
            facts = {"hash": hash_text(text), "reason": str(error)}
            logger.warning("gateway.trusted_document_invalid", extra=facts)
            return 0


class TrustedDocuments:
    """The documents of the manifest that the settings name; none where they name no manifest."""

    def __init__(self, settings: DocumentSettings, warming: Warming, sleep: Sleep) -> None:
        """Read the manifest. `sleep` waits for seconds. Raises `ConfigurationError`."""
        self._path = path = settings.trusted_documents
        self._warming = warming
        self._on_change: list[Callable[[], None]] = []
        self._watch = None if path is None else FileWatch(path, self._read_again, sleep)
        self._watch_task: asyncio.Task[None] | None = None
        self._warm_task: asyncio.Task[None] | None = None
        self.manifest: Manifest = NO_MANIFEST if path is None else read_manifest(path)

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call `callback` whenever another manifest is in force."""
        self._on_change.append(callback)

    @property
    def has_file(self) -> bool:
        """Whether the settings name a manifest."""
        return self._watch is not None

    def request_reading(self) -> None:
        """Have the manifest read again soon. Signal handlers may call this."""
        if self._watch is not None:
            self._watch.request_reading()

    async def start(self) -> None:
        """Warm the documents, for a second before this returns, and begin to watch the manifest."""
        if self._watch is not None:
            self._watch_task = asyncio.create_task(self._watch.run())
            await asyncio.wait({self._begin_to_warm()}, timeout=_START_SECONDS)

    async def close(self) -> None:
        """Stop what runs in the background."""
        tasks = [task for task in (self._watch_task, self._warm_task) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _read_again(self) -> None:
        """Read the manifest again; the old one stays in force while the new one is wrong."""
        assert self._path is not None
        try:
            manifest = await asyncio.to_thread(read_manifest, self._path)
        except ConfigurationError as error:
            logger.error("gateway.manifest_refused", extra={"reason": str(error)})  # noqa: TRY400
            return
        self.manifest = manifest
        for callback in self._on_change:
            callback()
        logger.info("gateway.manifest_read", extra={"documents": len(manifest.all_texts)})
        self._begin_to_warm()

    def _begin_to_warm(self) -> asyncio.Task[None]:
        if self._warm_task is not None:
            self._warm_task.cancel()
        self._warm_task = asyncio.create_task(self._warming.warm(self.manifest.all_texts))
        return self._warm_task
