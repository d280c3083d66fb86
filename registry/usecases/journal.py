"""Builds the log entry of a business event; the caller appends it in the event's own transaction."""

import datetime as dt
import uuid
from typing import Final

from protocol.encodings import canonical_json
from protocol.log_entries import SALT_BYTES, EntryKind, Facts, core_json, personal_digest
from registry.domain.evidence import LogEntry
from registry.domain.ids import month_of
from registry.domain.participant import Actor
from registry.usecases.context import Registry

NO_SUBJECT: Final = bytes(16)
"""The subject key of entries that concern nobody: participants, keys, epochs."""
REGISTRY_ACTOR: Final = "registry"
"""Who acts when the clock or the registry itself takes an edge."""


def log_entry(
    registry: Registry,
    kind: EntryKind,
    *,
    entry_id: uuid.UUID,
    at: dt.datetime,
    actor: Actor | None,
    facts: Facts,
    subject_key: bytes = NO_SUBJECT,
    personal: Facts | None = None,
) -> LogEntry:
    """The entry with fresh salts; ``personal`` goes into the part that can be erased."""
    part = None if personal is None else canonical_json(dict(personal))
    part_salt = None if part is None else registry.random(SALT_BYTES)
    core = core_json(
        kind=kind,
        entry_id=entry_id,
        at=at,
        participant=REGISTRY_ACTOR if actor is None else actor.participant_id,
        request_digest=None if actor is None else actor.request_digest,
        personal=None if part is None or part_salt is None else personal_digest(part, part_salt),
        facts=facts,
    )
    return LogEntry(
        subject_key=subject_key,
        entry_id=entry_id,
        month=month_of(at),
        kind=kind.value,
        at=at,
        core=core,
        core_salt=registry.random(SALT_BYTES),
        personal=part,
        personal_salt=part_salt,
    )
