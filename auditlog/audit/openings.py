"""Each opening against its public entry, its own digests, and the key that its request was signed under."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from auditlog.audit.erasures import Erasure, Erasures
from auditlog.audit.findings import Findings
from auditlog.audit.readings import reading_fault
from auditlog.audit.requests import KeyBook
from auditlog.errors import LogRefused
from auditlog.names import moment_of, year_of
from auditlog.openings import KeptRequest, Opening
from protocol import strict_json
from protocol.encodings import EncodingError, canonical_json, parse_time
from protocol.log_entries import EntryKind, leaf_data, personal_digest, request_digest

_NEEDED: Final = frozenset({"v", "kind", "id", "at", "by", "facts"})
_OPTIONAL: Final = frozenset({"request", "personal"})
_MAX_CORE: Final = 64 * 1024
_MAX_WAITING: Final = 100_000
_LATE: Final = dt.timedelta(minutes=15)
"""No transaction takes so long, and no two clocks of a registry differ by so much: a later entry was backdated."""
_SAME_MOMENT: Final = dt.timedelta(seconds=1)
_RECENT: Final = 10_000
_NAME: Final = re.compile(r"[!-~]{1,128}")
_HEX32: Final = re.compile(r"[0-9a-f]{64}")


class OpeningAudit:
    """Checks openings one by one beside the entries of the log; faults go to ``findings``."""

    def __init__(
        self,
        openings: Iterator[Opening | None],
        *,
        year: int,
        findings: Findings,
        book: KeyBook,
        erasures: Erasures,
        recent: int = _RECENT,
    ) -> None:
        self._openings = openings
        self._held: list[Opening | None] = []
        self.year = year
        self._findings = findings
        self.book = book
        self.erasures = erasures
        self.count = 0
        self._waiting: list[tuple[int, KeptRequest, str]] = []
        self._recent: dict[UUID, dt.datetime] = {}
        self._recent_limit = self._recent_least = recent

    def check(self, first: int, entries: Sequence[bytes | None]) -> None:
        """Check the openings of consecutive entries; None is an entry that the log could not show."""
        for index, entry in enumerate(entries, first):
            opening = self._take(index)
            if opening is not None:
                self._check_one(opening, entry)

    @property
    def is_waiting(self) -> bool:
        """Tell that some requests are still to be judged: a state that is saved now would forget them."""
        return bool(self._waiting)

    def settle(self) -> None:
        """Judge requests that waited for a key that came later in the log, as entries of one instant may."""
        for index, request, participant in self._waiting:
            if request.key_id in self.book.keys:
                self._judge(index, self.book.fault(request, participant))
            else:
                self._findings.add("request-key-unknown", index)
        self._waiting = []

    def _take(self, index: int) -> Opening | None:
        while True:
            if not self._held:
                try:
                    self._held.append(next(self._openings))
                except StopIteration:
                    self._findings.add("opening-missing", index)
                    return None
            held = self._held[0]
            if held is not None and held.index > index:
                self._findings.add("opening-missing", index)
                return None
            self._held.clear()
            if held is None:
                self._findings.add("opening-malformed", index)
                return None
            if held.index == index:
                return held
            self._findings.add("opening-order", held.index)

    def _check_one(self, opening: Opening, entry: bytes | None) -> None:
        self.count += 1
        index = opening.index
        if entry is not None and leaf_data(opening.core, opening.core_salt) != entry:
            self._findings.add("opening-mismatch", index)
        core = read_core(opening.core)
        if core is None:
            self._findings.add("core-form", index)
            return
        if core["id"] != str(opening.entry_id) or not self._is_of_year(opening):
            self._findings.add("opening-id", index)
            return
        time_fault = self._time_fault(opening.entry_id, parse_time(core["at"]))
        for fault in (time_fault, self._personal_fault(opening, core), self._request_fault(opening, core)):
            self._judge(index, fault)
        self._judge(index, reading_fault(opening, core))
        self._judge(index, self._learn(opening, core))

    def _is_of_year(self, opening: Opening) -> bool:
        return _is_dated(opening.entry_id) and year_of(opening.entry_id) == self.year

    def _time_fault(self, entry_id: UUID, at: dt.datetime) -> str | None:
        """Find a fault in an entry's time: it is as old as its id, comes soon after that, and once."""
        moment, newest = moment_of(entry_id), self.erasures.seen(entry_id)
        if abs(at - moment) > _SAME_MOMENT:
            return "entry-time"
        if moment < newest - _LATE:
            return "entry-late"
        if entry_id in self._recent:
            return "entry-repeated"
        self._recent[entry_id] = moment
        if len(self._recent) > self._recent_limit:
            self._recent = {each: when for each, when in self._recent.items() if when >= newest - _LATE}
            self._recent_limit = 2 * len(self._recent) + self._recent_least
        return None

    def _judge(self, index: int, fault: str | None) -> None:
        if fault is not None:
            self._findings.add(fault, index)

    def _personal_fault(self, opening: Opening, core: Mapping[str, Any]) -> str | None:
        if "personal" not in core:
            return None if opening.personal is None and opening.erased_by is None else "personal-unasked"
        if opening.personal is None or opening.personal_salt is None:
            if opening.erased_by is None:
                return "personal-missing"
            if not _is_dated(opening.erased_by):
                return "erasure-unknown"
            self.erasures.name(opening.erased_by, opening.entry_id, opening.index)
            return None
        if opening.erased_by is not None:
            return "erasure-undone"
        if personal_digest(opening.personal, opening.personal_salt).hex() != core["personal"]:
            return "personal-mismatch"
        return None if _is_canonical(opening.personal) else "personal-form"

    def _request_fault(self, opening: Opening, core: Mapping[str, Any]) -> str | None:
        request = opening.request
        if request is None or "request" not in core:
            return None if request is None and "request" not in core else "request-missing"
        if request_digest(request.signature_base, request.signature).hex() != core["request"]:
            return "request-mismatch"
        if request.key_id in self.book.keys:
            return self.book.fault(request, core["by"])
        if len(self._waiting) == _MAX_WAITING:
            return "request-key-unknown"
        self._waiting.append((opening.index, request, core["by"]))
        return None

    def _learn(self, opening: Opening, core: Mapping[str, Any]) -> str | None:
        facts = core["facts"]
        try:
            if core["kind"] == EntryKind.KEY_ADDED:
                named, participant = _name(facts["key"]), _name(facts["participant"])
                added = self.book.add(named, participant, _hex32(facts["public_key"]))
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
        document = strict_json.load_object(core, max_bytes=_MAX_CORE)
        canonical = canonical_json(document)
        names, texts = document.keys(), [document.get(each) for each in ("kind", "id", "by", "at")]
        if canonical != core or not names >= _NEEDED or not names <= _NEEDED | _OPTIONAL or document["v"] != 1:
            return None
        parse_time(str(document["at"]))
    except (strict_json.StrictJsonError, EncodingError):
        return None
    shaped = all(isinstance(each, str) for each in texts) and isinstance(document["facts"], dict)
    return document if shaped else None


def _is_canonical(personal: bytes) -> bool:
    try:
        return canonical_json(strict_json.loads(personal, max_bytes=_MAX_CORE)) == personal
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
