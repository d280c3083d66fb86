"""Give the openings of the log's entries in the order of their places: to each its own, to auditors and regulators all.

Each window is read in a transaction of its own, so that neither memory nor a connection is held for long. An auditor's
reading is in the log before the first opening leaves.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final

from protocol.encodings import b64url_encode, canonical_json
from protocol.log_entries import EntryKind, Facts
from protocol.messages import log as messages
from protocol.readings import UNTOLD, Reading
from protocol.wire.codec import write
from registry.domain.log import LogEntry
from registry.domain.log_faults import LogDamaged
from registry.domain.participants import Actor
from registry.domain.requests import KeptRequest
from registry.policy.offices import LOG_READERS
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.context import Registry
from registry.usecases.log.published import published
from registry.usecases.overseeing import log_reading, require_context

_WINDOW: Final = 1_000

Requests = Mapping[uuid.UUID, KeptRequest]


def read_openings(
    registry: Registry, actor: Actor, year: int, start: int, limit: int, *, reading: Reading = UNTOLD
) -> Iterator[bytes]:
    """Yield lines of JSON for the places from ``start`` on, ``limit`` at most, then one with the next place.

    Raises Refusal NOT_FOUND if this year has no log, or CONTEXT_REQUIRED; an error of the first window is raised before
    any line.
    """
    reads_all = not actor.roles.isdisjoint(LOG_READERS)
    size = registry.store.read(lambda tx: published(tx, year).size)
    end = max(start, min(start + limit, size))
    if reads_all and end > start:
        _note(registry, actor, reading, {"year": year, "from": start, "to": end})
    found = _lines(registry, None if reads_all else actor.participant_id, year, range(start, end), size)
    return chain((next(found),), found)


def _note(registry: Registry, actor: Actor, reading: Reading, facts: Facts) -> None:
    def work(tx: Transaction) -> None:
        act = act_in(registry, tx, actor)
        require_context(act, reading)
        log_reading(act, reading, EntryKind.LOG_READ, facts)

    registry.store.write(work)


def _lines(registry: Registry, by: str | None, year: int, places: range, size: int) -> Iterator[bytes]:
    for first in range(places.start, places.stop, _WINDOW):
        last = min(first + _WINDOW, places.stop)
        yield registry.store.read(lambda tx, first=first, last=last: _window(tx, by, year, first, last))  # type: ignore[misc]
    yield _line(messages.OpeningLine(end=True, next=places.stop, size=size))


def _window(tx: Transaction, by: str | None, year: int, first: int, last: int) -> bytes:
    ids = [uuid.UUID(bytes=entry_id) for entry_id, _ in tx.trees.leaves(year, first, last)]
    entries = tx.openings.find_many(ids, by=by)
    if len(ids) != last - first or (by is None and len(entries) != len(ids)):
        raise LogDamaged("opening-missing", "a leaf or what opens it is not kept")
    requests = _requests(tx, entries)
    found = ((index, entries.get(each)) for index, each in enumerate(ids, first))
    return b"".join(_line(_opening(index, entry, requests)) for index, entry in found if entry is not None)


def _requests(tx: Transaction, entries: Mapping[uuid.UUID, LogEntry]) -> Requests:
    wanted: dict[str, set[uuid.UUID]] = defaultdict(set)
    for entry in entries.values():
        if entry.request_id is not None:
            wanted[entry.participant_id].add(entry.request_id)
    found: dict[uuid.UUID, KeptRequest] = {}
    for sender in sorted(wanted):
        found |= tx.requests.find(sender, wanted[sender])
    return found


def _opening(index: int, entry: LogEntry, requests: Requests) -> messages.OpeningLine:
    request = None if entry.request_id is None else requests.get(entry.request_id)
    personal = None if entry.personal_salt is None else entry.personal
    return messages.OpeningLine(
        index=index,
        id=entry.entry_id,
        core=entry.core.decode("utf-8"),
        core_salt=entry.core_salt,
        personal=None if personal is None else personal.decode("utf-8"),
        personal_salt=None if personal is None else entry.personal_salt,
        erased_by=entry.erased_by,
        request=None if request is None else _request(request),
    )


def _request(request: KeptRequest) -> messages.KeptRequest:
    signature_base = b64url_encode(request.signature_base)
    return messages.KeptRequest(key_id=request.key_id, signature_base=signature_base, signature=request.signature)


def _line(line: messages.OpeningLine) -> bytes:
    return canonical_json(write(line)) + b"\n"
