"""Prove one opening: its core under its public entry, its personal part, its time, and its sender's signed request.

Whoever shows an opening to a person, and whoever audits all of them, proves it here.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from auditlog.audit.erasures import Erasure, Erasures
from auditlog.audit.readings import reading_fault
from auditlog.audit.requests import KeyBook
from auditlog.errors import LogRefused
from auditlog.names import moment_of, year_of
from auditlog.openings import KeptRequest, Opening
from protocol import strict_json
from protocol.encodings import EncodingError, canonical_json, parse_time
from protocol.log_entries import EntryKind, leaf_data, personal_digest, request_digest

LATE: Final = dt.timedelta(minutes=15)
"""No transaction takes so long, and no two clocks of a registry differ by so much: a later entry was backdated."""
SAME_MOMENT: Final = dt.timedelta(seconds=1)
"""The most by which an entry's time and the time in its id may differ."""
RECENT: Final = 10_000
MAX_PART: Final = 64 * 1024
"""Longest core or personal part, in bytes."""
_NEEDED: Final = frozenset({"v", "kind", "id", "at", "by", "facts"})
_OPTIONAL: Final = frozenset({"request", "personal"})
_NAME: Final = re.compile(r"[!-~]{1,128}")
_HEX32: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An opening, its core (None without one of the agreed form), and the codes of its faults.

    ``is_in_tree``: the signed tree commits to the core. ``awaits`` is a request under a key that no entry read so far
    tells of.
    """

    opening: Opening
    core: Mapping[str, Any] | None = field(default=None, repr=False)
    faults: tuple[str, ...] = ()
    awaits: KeptRequest | None = None
    is_in_tree: bool = False


class Prover:
    """Proves openings in the order of the log; it learns keys and erasures from the entries that tell of them."""

    def __init__(self, *, year: int, book: KeyBook, erasures: Erasures, recent: int = RECENT) -> None:
        self.year = year
        self.book = book
        self.erasures = erasures
        self._planted: set[str] = set()
        self._recent: dict[UUID, dt.datetime] = {}
        self._recent_limit = self._recent_least = recent

    def judge(self, opening: Opening, entry: bytes | None, *, is_signed: bool) -> Judged:
        """Judge an opening beside its public entry; ``is_signed``: the signed tree commits to that entry.

        An entry that is not signed, or could not be fetched (None), is a finding of the caller's own.
        """
        faults = []
        if entry is not None and leaf_data(opening.core, opening.core_salt) != entry:
            faults.append("opening-mismatch")
        is_in_tree = is_signed and entry is not None and not faults
        core = read_core(opening.core)
        if core is None:
            return Judged(opening=opening, faults=(*faults, "core-form"))
        if core["id"] != str(opening.entry_id) or not self._is_of_year(opening):
            return Judged(opening=opening, core=core, faults=(*faults, "opening-id"))
        request_fault, awaits = self._request_fault(opening, core)
        found = (
            self._time_fault(opening.entry_id, parse_time(core["at"])),
            self._personal_fault(opening, core),
            request_fault,
            reading_fault(opening, core),
            self._learn(opening, core, is_in_tree=is_in_tree),
        )
        faults += [fault for fault in found if fault is not None]
        return Judged(opening=opening, core=core, faults=tuple(faults), awaits=awaits, is_in_tree=is_in_tree)

    def proves(self, judged: Judged) -> bool:
        """Tell whether an opening without a fault is proved: core, parts, and the key of its request are of the tree.

        A key that only an altered entry tells of proves no request: whoever altered the entry may have planted it.
        """
        request = judged.opening.request
        return judged.is_in_tree and not judged.faults and (request is None or request.key_id not in self._planted)

    def _is_of_year(self, opening: Opening) -> bool:
        return _is_dated(opening.entry_id) and year_of(opening.entry_id) == self.year

    def _time_fault(self, entry_id: UUID, at: dt.datetime) -> str | None:
        """Find a fault in an entry's time: it is as old as its id, comes soon after that, and once."""
        moment, newest = moment_of(entry_id), self.erasures.seen(entry_id)
        if abs(at - moment) > SAME_MOMENT:
            return "entry-time"
        if moment < newest - LATE:
            return "entry-late"
        if entry_id in self._recent:
            return "entry-repeated"
        self._recent[entry_id] = moment
        if len(self._recent) > self._recent_limit:
            self._recent = {each: when for each, when in self._recent.items() if when >= newest - LATE}
            self._recent_limit = 2 * len(self._recent) + self._recent_least
        return None

    def _personal_fault(self, opening: Opening, core: Mapping[str, Any]) -> str | None:
        fault = personal_fault(opening, core)
        if fault is None and opening.erased_by is not None:
            self.erasures.name(opening.erased_by, opening.entry_id, opening.index)
        return fault

    def _request_fault(self, opening: Opening, core: Mapping[str, Any]) -> tuple[str | None, KeptRequest | None]:
        request = opening.request
        if request is None or "request" not in core:
            return None if request is None and "request" not in core else "request-missing", None
        if request_digest(request.signature_base, request.signature).hex() != core["request"]:
            return "request-mismatch", None
        if request.key_id in self.book.keys:
            return self.book.fault(request, core["by"]), None
        return None, request

    def _learn(self, opening: Opening, core: Mapping[str, Any], *, is_in_tree: bool) -> str | None:
        facts = core["facts"]
        try:
            if core["kind"] == EntryKind.KEY_ADDED:
                named, participant = _name(facts["key"]), _name(facts["participant"])
                added = self.book.add(named, participant, _hex32(facts["public_key"]))
                if not is_in_tree:
                    self._planted.add(named)
                return None if added else "key-repeated"
            if core["kind"] == EntryKind.KEY_REVOKED:
                return None if self.book.revoke(_name(facts["key"]), core["at"]) else "key-unknown"
            if core["kind"] == EntryKind.ERASURE:
                digest = _hex32(facts["digest"]).hex()
                told = Erasure(index=opening.index, count=_count(facts["openings"]), digest=digest)
                self.erasures.tell(opening.entry_id, told)
        except (KeyError, ValueError):
            return "core-facts"
        return None


def read_core(core: bytes) -> dict[str, Any] | None:
    """Read a core of the agreed form and in its one spelling; None for any other."""
    try:
        document = strict_json.load_object(core, max_bytes=MAX_PART)
        canonical = canonical_json(document)
        names, texts = document.keys(), [document.get(each) for each in ("kind", "id", "by", "at")]
        if canonical != core or not names >= _NEEDED or not names <= _NEEDED | _OPTIONAL or document["v"] != 1:
            return None
        parse_time(str(document["at"]))
    except (strict_json.StrictJsonError, EncodingError):
        return None
    shaped = all(isinstance(each, str) for each in texts) and isinstance(document["facts"], dict)
    return document if shaped else None


def personal_fault(opening: Opening, core: Mapping[str, Any]) -> str | None:
    """Find the fault in an opening's personal part beside the core that was read from it."""
    if "personal" not in core:
        return None if opening.personal is None and opening.erased_by is None else "personal-unasked"
    if opening.personal is None or opening.personal_salt is None:
        if opening.erased_by is None:
            return "personal-missing"
        return None if _is_dated(opening.erased_by) else "erasure-unknown"
    if opening.erased_by is not None:
        return "erasure-undone"
    if personal_digest(opening.personal, opening.personal_salt).hex() != core["personal"]:
        return "personal-mismatch"
    return None if _is_canonical(opening.personal) else "personal-form"


def _is_canonical(personal: bytes) -> bool:
    try:
        return canonical_json(strict_json.loads(personal, max_bytes=MAX_PART)) == personal
    except (strict_json.StrictJsonError, EncodingError):
        return False


def _is_dated(entry_id: UUID) -> bool:
    try:
        moment_of(entry_id)
    except LogRefused:
        return False
    return True


def _name(value: object) -> str:
    """Read the id of a key or of a participant; it must have one form, since the state file holds it again."""
    if not isinstance(value, str) or _NAME.fullmatch(value) is None:
        raise ValueError
    return value


def _hex32(value: object) -> bytes:
    if not isinstance(value, str) or _HEX32.fullmatch(value) is None:
        raise ValueError
    return bytes.fromhex(value)


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError
    return value
