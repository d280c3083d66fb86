"""Read what a proved opening says, and decide whether it is among the entries that somebody asked for."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final
from uuid import UUID

from auditlog.audit.proving import MAX_PART, Judged
from protocol import strict_json
from protocol.beijing import BEIJING
from protocol.encodings import parse_time
from protocol.log_entries import EntryKind

SUBJECT: Final = "subject"
"""The fact that names a person, under the registry's own pseudonym."""
ERASABLE: Final = frozenset({SUBJECT, "decision", "agent"})
"""The facts to filter by that stand in a personal part, and go with it."""
INHERITED: Final = frozenset({"channel", "outlet", "dealer", "agent"})
"""The facts of an activation that are those of its inquiry where its carrier did not report them."""
_NIGHT_BEGINS: Final = 22
_NIGHT_ENDS: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry whose opening was proved; ``facts`` are of its core, ``personal`` of the part that can be erased."""

    index: int
    entry_id: UUID
    kind: str
    at: dt.datetime
    by: str
    facts: Mapping[str, Any] = field(repr=False)
    personal: Mapping[str, Any] = field(repr=False)
    is_erased: bool

    @property
    def is_at_night(self) -> bool:
        """Tell whether it was between 22:00 and 07:00 in Beijing."""
        hour = self.at.astimezone(BEIJING).hour
        return hour >= _NIGHT_BEGINS or hour < _NIGHT_ENDS


class Match(Enum):
    """The result of a filter; the last two are open."""

    YES = "YES"
    NO = "NO"
    ERASED = "ERASED"
    """Only the part that was erased could tell."""
    INHERITED = "INHERITED"
    """Only the inquiry that an activation names could tell: its carrier reported no place or clerk of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """Conditions that all have to hold; an empty set is no condition.

    ``since`` is the first moment and ``until`` the first one behind the last. ``facts`` has the wanted values of a fact
    by its name. ``subjects`` are pseudonyms, from other entries.
    """

    kinds: frozenset[str] = frozenset()
    by: frozenset[str] = frozenset()
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    is_at_night: bool = False
    facts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    subjects: frozenset[str] = field(default=frozenset(), repr=False)

    def match(self, entry: Entry) -> Match:
        """Match one entry."""
        if not self._matches_act(entry):
            return Match.NO
        wanted = {**self.facts, SUBJECT: self.subjects} if self.subjects else self.facts
        found = {_match_fact(entry, name, values) for name, values in wanted.items() if values}
        return next((match for match in (Match.NO, Match.ERASED, Match.INHERITED) if match in found), Match.YES)

    def _matches_act(self, entry: Entry) -> bool:
        return (
            (not self.kinds or entry.kind in self.kinds)
            and (not self.by or entry.by in self.by)
            and (self.since is None or entry.at >= self.since)
            and (self.until is None or entry.at < self.until)
            and (not self.is_at_night or entry.is_at_night)
        )


def entry_of(judged: Judged) -> Entry:
    """Read an opening that was proved; raises ValueError for one without a core."""
    if judged.core is None:
        raise ValueError("an opening without a core was not proved")
    core, opening = judged.core, judged.opening
    return Entry(
        index=opening.index,
        entry_id=opening.entry_id,
        kind=core["kind"],
        at=parse_time(core["at"]),
        by=core["by"],
        facts=core["facts"],
        personal={} if opening.personal is None else read_personal(opening.personal),
        is_erased="personal" in core and opening.personal is None,
    )


def read_personal(personal: bytes) -> Mapping[str, Any]:
    """Read a personal part; what is no object says nothing."""
    try:
        return strict_json.load_object(personal, max_bytes=MAX_PART)
    except strict_json.StrictJsonError:
        return {}


def _match_fact(entry: Entry, name: str, wanted: frozenset[str]) -> Match:
    """Look for a fact by its name in the core, and then in the personal part."""
    value = entry.facts.get(name, entry.personal.get(name))
    if value is not None:
        return Match.YES if isinstance(value, str) and value in wanted else Match.NO
    if entry.is_erased and name in ERASABLE:
        return Match.ERASED
    inherits = entry.kind == EntryKind.ACTIVATION and "inquiry" in entry.facts
    return Match.INHERITED if inherits and name in INHERITED else Match.NO
