"""Read this carrier's open records while its file is scanned: the registry works on the pages meanwhile."""

import struct
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Final, NamedTuple, Self

from client.registry import RegistryClient
from client.resources.records import own_records
from gateway.bulk.other_persons import PERSON_BYTES, person_digest
from protocol.beijing import beijing_date
from protocol.messages.records import ListedRecord

_RECORD: Final = struct.Struct(">16s32s?8sI")


class OpenRecord(NamedTuple):
    """The part of a listed record that the guards of a file ask for."""

    record: bytes
    account: bytes
    person: bytes | None
    """A digest of its person's reference; None where it was listed without one."""
    last_due: int
    """The ordinal of the last day on which a debt of its person can have been due."""


class OpenRecords:
    """The carrier's open records in 61 bytes each, from a thread of its own (a context manager that stops it).

    It begins to read at once where ``early`` is set, and otherwise when somebody asks.
    """

    def __init__(self, registry: RegistryClient, *, early: bool) -> None:
        self._registry = registry
        self._data = bytearray()
        self._stopped = Event()
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="open-records")
        self._done: Future[None] | None = self._threads.submit(self._read) if early else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._threads.shutdown()

    def __iter__(self) -> Iterator[OpenRecord]:
        """Yield each record; raises what reading them raised."""
        if self._done is None:
            self._done = self._threads.submit(self._read)
        self._done.result()
        for record, account, has_person, person, last_due in _RECORD.iter_unpack(self._data):
            yield OpenRecord(record, account, person if has_person else None, last_due)

    def _read(self) -> None:
        for listed in own_records(self._registry):
            if self._stopped.is_set():
                return
            self._data += _packed(listed)


def _packed(listed: ListedRecord) -> bytes:
    reference = listed.person_ref
    person = bytes(PERSON_BYTES) if reference is None else person_digest(reference)
    last_due = max(beijing_date(listed.received_at), listed.due_date).toordinal()
    return _RECORD.pack(listed.record_id.bytes, listed.account_ref, reference is not None, person, last_due)
