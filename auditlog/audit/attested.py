"""Rebuild the band of tenure that was attested for a person on a day, from proved entries of the log."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from auditlog.audit.entry_filter import SUBJECT, Entry
from protocol.beijing import beijing_date
from protocol.grades import Tenure
from protocol.log_entries import EntryKind

_GIVEN: Final = frozenset({EntryKind.ATTESTATION_GIVEN, EntryKind.ATTESTATION_REPLACED})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attestation:
    entry_id: str
    at: dt.datetime
    band: Tenure
    until: dt.date


class Attested:
    """Collects attestations and their ends; ask when all entries were given."""

    def __init__(self) -> None:
        self._of: dict[str, list[_Attestation]] = defaultdict(list)
        self._ended: dict[str, dt.datetime] = {}
        self._withdrawn: dict[str, dt.datetime] = {}

    def take(self, entry: Entry) -> None:
        """Take an entry; raises KeyError or ValueError where it lacks a fact of its kind."""
        if entry.kind == EntryKind.ATTESTATION_ENDED:
            self._ended[entry.facts["attestation"]] = entry.at
        elif entry.kind in _GIVEN:
            if "before" in entry.facts:
                self._ended[entry.facts["before"]] = entry.at
            if entry.is_erased:
                self._withdrawn[str(entry.entry_id)] = entry.at
                return
            given = _Attestation(
                entry_id=str(entry.entry_id),
                at=entry.at,
                band=Tenure(entry.personal["band"]),
                until=dt.date.fromisoformat(entry.personal["until"]),
            )
            self._of[entry.personal[SUBJECT]].append(given)

    def band(self, subject: str, seen: dt.datetime) -> Tenure:
        """Return the best single band that counted at a moment."""
        today = beijing_date(seen)
        bands = (
            each.band
            for each in self._of.get(subject, ())
            if each.at <= seen and today < each.until and self._held(each.entry_id, seen)
        )
        return max(bands, default=Tenure.NONE)

    def erased(self, seen: dt.datetime) -> bool:
        """Tell whether an attestation that counted at a moment is nobody's any more: its consent was withdrawn."""
        return any(at <= seen and self._held(entry_id, seen) for entry_id, at in self._withdrawn.items())

    def _held(self, entry_id: str, seen: dt.datetime) -> bool:
        ended_at = self._ended.get(entry_id)
        return ended_at is None or ended_at > seen
