"""Compare a ceremony's transcript with the entry of its committee, which a receipt proves to be in the log."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from auditlog.audit.proving import read_core
from auditlog.errors import LogRefused
from auditlog.receipts import Trust, verify
from ceremony.entry import committee_facts
from ceremony.standing import Formed
from crypto.tlog.merkle import leaf_hash
from protocol.encodings import parse_time
from protocol.log_entries import EntryKind, leaf_data
from protocol.messages.ceremonies import KeptCeremony


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedCommittee:
    """The place of a committee's entry in the log, under a head of ``size`` entries; ``by`` reported it."""

    index: int
    size: int
    entry_id: UUID
    at: dt.datetime
    by: str


def verify_logged(formed: Formed, kept: KeptCeremony, raw: bytes, trust: Trust) -> LoggedCommittee:
    """Verify that the log says of a committee exactly what a verified transcript proves; raises LogRefused.

    ``kept`` is the registry's answer, of which only the opened entry counts, and ``raw`` the entry's receipt.
    """
    core = read_core(kept.core.encode("ascii"))
    if core is None or core["kind"] != EntryKind.COMMITTEE_FORMED or core["id"] != str(kept.log_entry_id):
        raise LogRefused("entry-foreign", "the entry is not one of a committee")
    differing = _differing(committee_facts(formed), core["facts"])
    if differing:
        raise LogRefused("entry-differs", f"the entry is not what the transcript proves: {', '.join(differing)}")
    leaf = leaf_hash(leaf_data(kept.core.encode("ascii"), kept.core_salt))
    receipt = verify(raw, leaf, trust)
    return LoggedCommittee(
        index=receipt.index,
        size=receipt.signed.checkpoint.size,
        entry_id=kept.log_entry_id,
        at=parse_time(core["at"]),
        by=core["by"],
    )


def _differing(expected: Mapping[str, Any], told: Mapping[str, Any]) -> list[str]:
    """Name the facts that differ; names that only the entry has count as one, since anything may stand there."""
    names = [name for name, value in sorted(expected.items()) if not _is_same(told.get(name), value)]
    return names + (["further facts"] if told.keys() - expected.keys() else [])


def _is_same(told: object, value: object) -> bool:
    """Compare types too: ``true`` equals 1 in Python, and is another entry."""
    return type(told) is type(value) and told == value
