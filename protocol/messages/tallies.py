"""A custodian's count of a finished day: the elements that it evaluated for each carrier, and nothing of any person.

Signed as a compact JWS (``TALLY_TYPE``) over its canonical JSON. docs/spec/tallies.md is the specification,
docs/spec/vectors/tallies.json has vectors for other languages.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

from protocol import strict_json
from protocol.encodings import EncodingError, canonical_json
from protocol.messages.limits import MAX_EPOCH, MAX_SHARE_INDEX
from protocol.names import COMPACT_JWS, PARTICIPANT_ID
from protocol.wire.fields import Count, ParticipantId
from protocol.wire.kinds import Items, Text, Whole

TALLY_TYPE: Final = "clearline-tally+jws"
TALLY_DAYS: Final = 60
"""For so many days after the end of a day the registry takes its tally, and custodians keep their counts."""
MAX_CARRIERS: Final = 128
MAX_ELEMENTS: Final = 10**12
"""Most elements of one carrier on one day."""
MAX_TALLY_BYTES: Final = 11_264
"""More than a tally within these bounds has, and less than a compact JWS of 16,384 characters can carry."""

_MEMBERS: Final = frozenset({"v", "custodian", "epoch", "share_index", "day", "carriers", "total"})
_NAME: Final = re.compile(PARTICIPANT_ID)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DEPTH: Final = 2


class TallyCode(StrEnum):
    """The reasons why a text is no tally."""

    NOT_CANONICAL = "NOT_CANONICAL"
    WRONG_MEMBERS = "WRONG_MEMBERS"
    WRONG_VERSION = "WRONG_VERSION"
    WRONG_CUSTODIAN = "WRONG_CUSTODIAN"
    WRONG_EPOCH = "WRONG_EPOCH"
    WRONG_SHARE_INDEX = "WRONG_SHARE_INDEX"
    WRONG_DAY = "WRONG_DAY"
    WRONG_CARRIERS = "WRONG_CARRIERS"
    WRONG_TOTAL = "WRONG_TOTAL"


class TallyInvalid(ValueError):
    """An invalid tally; ``code`` has the reason, the input is not repeated."""

    def __init__(self, code: TallyCode) -> None:
        super().__init__(code.value)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationTally:
    """One custodian's count of one UTC day under one share; raises TallyInvalid where it is out of bounds.

    A carrier that had nothing evaluated is left out, so a day without work has no carriers and the total 0.
    """

    custodian: str
    """The custodian's participant id."""
    epoch: int
    share_index: int
    day: dt.date
    carriers: Mapping[str, int]

    def __post_init__(self) -> None:
        _require(_is_name(self.custodian), TallyCode.WRONG_CUSTODIAN)
        _require(_is_whole(self.epoch, MAX_EPOCH), TallyCode.WRONG_EPOCH)
        _require(_is_whole(self.share_index, MAX_SHARE_INDEX), TallyCode.WRONG_SHARE_INDEX)
        counted = all(_is_name(name) and _is_whole(count, MAX_ELEMENTS) for name, count in self.carriers.items())
        _require(counted and len(self.carriers) <= MAX_CARRIERS, TallyCode.WRONG_CARRIERS)

    @property
    def total(self) -> int:
        """All elements of the day."""
        return sum(self.carriers.values())

    def to_wire(self) -> dict[str, Any]:
        return {
            "v": 1,
            "custodian": self.custodian,
            "epoch": self.epoch,
            "share_index": self.share_index,
            "day": self.day.isoformat(),
            "carriers": dict(self.carriers),
            "total": self.total,
        }

    @classmethod
    def from_wire(cls, document: Mapping[str, Any]) -> "EvaluationTally":
        """Read the tally with exactly these members; raises TallyInvalid."""
        _require(document.keys() == _MEMBERS, TallyCode.WRONG_MEMBERS)
        _require(type(document["v"]) is int and document["v"] == 1, TallyCode.WRONG_VERSION)
        _require(isinstance(document["carriers"], dict), TallyCode.WRONG_CARRIERS)
        tally = cls(
            custodian=document["custodian"],
            epoch=document["epoch"],
            share_index=document["share_index"],
            day=_day(document["day"]),
            carriers=document["carriers"],
        )
        _require(type(document["total"]) is int and document["total"] == tally.total, TallyCode.WRONG_TOTAL)
        return tally


def tally_payload(tally: EvaluationTally) -> bytes:
    """Write the payload that a custodian signs."""
    return canonical_json(tally.to_wire())


def read_tally(payload: bytes) -> EvaluationTally:
    """Read the tally whose payload is exactly these bytes; raises TallyInvalid."""
    try:
        document = strict_json.load_object(payload, max_bytes=MAX_TALLY_BYTES, max_depth=_DEPTH)
        _require(canonical_json(document) == payload, TallyCode.NOT_CANONICAL)
    except (strict_json.StrictJsonError, EncodingError):
        raise TallyInvalid(TallyCode.NOT_CANONICAL) from None
    return EvaluationTally.from_wire(document)


def _day(value: object) -> dt.date:
    _require(isinstance(value, str) and _DAY.fullmatch(value) is not None, TallyCode.WRONG_DAY)
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise TallyInvalid(TallyCode.WRONG_DAY) from None


def _is_name(value: object) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def _is_whole(value: object, most: int) -> bool:
    return type(value) is int and 1 <= value <= most


def _require(holds: bool, code: TallyCode) -> None:  # noqa: FBT001 (the condition is what it is about)
    if not holds:
        raise TallyInvalid(code)


MAX_STATEMENT: Final = 16_384
"""Longer than a settlement: every carrier is named in it."""
MAX_TALLIES: Final = 1_000
MAX_SENDERS: Final = 10_000
TallyJws = Annotated[str, Text(COMPACT_JWS, least=5, most=MAX_STATEMENT)]
"""The custodian's compact JWS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTally:
    """A custodian's word on a UTC day that is over: its compact JWS, see docs/spec/tallies.md."""

    statement: TallyJws


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierTally:
    """The number of elements that the custodian evaluated for a carrier."""

    carrier: ParticipantId
    elements: Annotated[int, Whole(least=1, most=MAX_ELEMENTS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A tally as it is kept; ``log_entry_id`` names its entry in the access log."""

    custodian: ParticipantId
    day: dt.date
    epoch: Annotated[int, Whole(least=1, most=MAX_EPOCH)]
    share_index: Annotated[int, Whole(least=1, most=MAX_SHARE_INDEX)]
    carriers: Annotated[tuple[CarrierTally, ...], Items(least=0, most=MAX_CARRIERS)]
    total: Annotated[int, Whole(least=0, most=MAX_CARRIERS * MAX_ELEMENTS)]
    received_at: dt.datetime
    log_entry_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedTally(Tally):
    """A tally with its custodian's signed statement."""

    statement: TallyJws


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The registry's counts of one carrier: inquiries, and reported rows with any outcome."""

    carrier: ParticipantId
    inquiries: Count
    reports: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class TalliesQuery:
    """The UTC day; it has to be over."""

    day: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallies:
    """One UTC day: the tallies of all custodians, and beside them the counts of the registry's log."""

    day: dt.date
    tallies: Annotated[tuple[SignedTally, ...], Items(least=0, most=MAX_TALLIES)]
    counted: Annotated[tuple[Counted, ...], Items(least=0, most=MAX_SENDERS)]
