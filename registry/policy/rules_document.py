"""Writes and reads a version of the rules in one exact JSON form: it is published, signed, logged and stored.

The reader accepts only the writer's form: no missing or unknown field, no figure outside the bounds of law, storage
and common sense. A figure that is added to ``Rules`` needs its bounds here; a test checks that.
"""

import datetime as dt
import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, Final

from protocol import strict_json
from protocol.encodings import canonical_json
from registry.domain.money import PER_MILLION
from registry.policy.rules import RuleBook, Rules

MAX_DOCUMENT: Final = 64 * 1024
_NAME: Final = re.compile("[A-Za-z0-9._-]{1,32}")
_DAY: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EARLIEST: Final = dt.date(2000, 1, 1)
_LATEST: Final = dt.date(2199, 12, 31)
_MOST_DATES: Final = 1_000
_SATURDAY: Final = 5

MOST_INQUIRY_MONTHS: Final = 60
BOUNDS: Final[Mapping[str, tuple[int, int]]] = {
    "listing.minimum_principal_fen": (1, 100_000_00),
    "listing.minimum_days_past_due": (30, 1_095),
    "listing.maximum_days_past_due": (30, 1_095),
    "listing.notice_lead_days": (1, 365),
    # Telecommunications Regulations (PRC), article 34: three per mille a day; never more than the debt itself.
    "late_fee.daily_ppm": (0, 3_000),
    "late_fee.cap_ppm": (0, PER_MILLION),
    "quote_valid_hours": (1, 744),
    "decision_token_minutes": (1, 1_440),
    "red_list_max_days": (1, 366),
    "settlement_tolerance_fen": (0, 100_00),
    "reversal_max_days": (0, 730),
    "disputes.answer_days": (1, 60),
    "disputes.close_days": (2, 120),
    "disputes.lapse_days": (1, 120),
    "victim_marker_months": (1, 120),
    "plan_grace_days": (0, 60),
    "notice_of_change_days": (1, 365),
    "dispute_reminder_days": (0, 59),
    "evidence.answer_days": (1, 120),
    "confirmation.max_age_days": (0, 365),
    "confirmation.lapse_days": (1, 365),
    "collection.confirm_working_days": (1, 30),
    "retention.record_years": (1, 5),
    "retention.seal_days": (1, 1_095),
    "retention.closed_days": (1, 1_826),
    "retention.inquiry_months": (1, MOST_INQUIRY_MONTHS),
    "retention.event_days": (30, 1_826),
    "retention.answer_days": (1, 366),
    "free_statements_a_year": (2, 366),
    "rebuttal_months": (1, 120),
    "ended_link_days": (1, 366),
    "take_outs.daily_share_ppm": (0, 100_000),
    "take_outs.daily_least": (1, 1_000),
    "transfers.offer_days": (1, 366),
    "transfers.undo_days": (0, 366),
}
"""The bounds of every whole number, by its path in the document."""


_ADDED_WHOLE: Final[Mapping[str, Any]] = {
    "ended_link_days": 180,
    "take_outs": {"daily_share_ppm": 10_000, "daily_least": 20},
    "transfers": {"offer_days": 90, "undo_days": 90},
}
_ADDED_TO_PARTS: Final[Mapping[str, Mapping[str, Any]]] = {"listing": {"maximum_days_past_due": 1_095}}
"""Figures that a release added, with the values for the versions that were signed before it."""


class RulesInvalid(Exception):
    """The document is no version of the rules: ``field`` is a path in it, ``code`` names the fault."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(f"{field}: {code}")
        self.field = field
        self.code = code


def to_document(rules: Rules) -> dict[str, Any]:
    """Write the rules as plain JSON values, under the names of their fields."""
    return {each.name: _plain(getattr(rules, each.name)) for each in fields(rules)}


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    return value.value if isinstance(value, StrEnum) else value


def from_document(document: Mapping[str, Any]) -> Rules:
    """Read the rules of a document; raises RulesInvalid for its first fault."""
    rules: Rules = _object(document, Rules, "")
    for holds, field, code in _AGREEMENTS:
        if not holds(rules):
            raise RulesInvalid(field, code)
    return rules


def document_bytes(rules: Rules) -> bytes:
    """Write the canonical JSON whose SHA-256 the log names."""
    return canonical_json(to_document(rules))


@lru_cache(maxsize=256)
def rules_of(document: bytes) -> Rules:
    """Read the rules of a stored document, once in each process; raises RulesInvalid or StrictJsonError.

    A version that was signed before a release added a figure lacks the figure and cannot be signed again: it is read
    with the figure of that release. Its digest stays that of the signed document.
    """
    return from_document(_with_added(strict_json.load_object(document, max_bytes=MAX_DOCUMENT)))


@lru_cache(maxsize=8)
def book_with(founding: RuleBook, documents: tuple[bytes, ...]) -> RuleBook:
    """Make the book of founding and approved versions, by date, once for each list of documents."""
    approved = sorted((rules_of(each) for each in documents), key=lambda each: each.effective_from)
    return RuleBook((*founding.versions, *approved))


def _with_added(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with the figures that releases added since it was signed."""
    whole = {**_ADDED_WHOLE, **document}
    for part, added in _ADDED_TO_PARTS.items():
        if isinstance(whole.get(part), dict):
            whole[part] = {**added, **whole[part]}
    return whole


@cache
def _members(kind: type) -> Mapping[str, Any]:
    return typing.get_type_hints(kind)


def _object(value: object, kind: type, path: str) -> Any:
    if not isinstance(value, Mapping):
        raise RulesInvalid(path, "wrong-type")
    members = _members(kind)
    if not value.keys() <= members.keys():
        raise RulesInvalid(path or "rules", "unknown-field")
    read = {}
    for name, member in members.items():
        place = f"{path}.{name}" if path else name
        if name not in value:
            raise RulesInvalid(place, "required")
        read[name] = _value(value[name], member, place)
    return kind(**read)


def _value(value: object, kind: Any, path: str) -> Any:
    if typing.get_origin(kind) is tuple:
        return _list(value, typing.get_args(kind)[0], path)
    if is_dataclass(kind):
        return _object(value, typing.cast("type", kind), path)
    if issubclass(kind, StrEnum):
        return _code(value, kind, path)
    return _READERS[kind](value, path)


def _list(value: object, kind: Any, path: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise RulesInvalid(path, "wrong-type")
    if len(value) > _MOST_DATES:
        raise RulesInvalid(path, "out-of-range")
    items = tuple(_value(each, kind, path) for each in value)
    if kind is dt.date and list(items) != sorted(set(items)):
        raise RulesInvalid(path, "out-of-order")
    if kind is not dt.date and sorted(items) != sorted(kind):
        raise RulesInvalid(path, "not-every-part-once")
    return items


def _code(value: object, kind: type[StrEnum], path: str) -> StrEnum:
    if not isinstance(value, str):
        raise RulesInvalid(path, "wrong-type")
    try:
        return kind(value)
    except ValueError:
        raise RulesInvalid(path, "invalid") from None


def _whole(value: object, path: str) -> int:
    if type(value) is not int:
        raise RulesInvalid(path, "wrong-type")
    least, most = BOUNDS[path]
    if not least <= value <= most:
        raise RulesInvalid(path, "out-of-range")
    return value


def _yes_no(value: object, path: str) -> bool:
    if not isinstance(value, bool):
        raise RulesInvalid(path, "wrong-type")
    return value


def _day(value: object, path: str) -> dt.date:
    if not isinstance(value, str) or _DAY.fullmatch(value) is None:
        raise RulesInvalid(path, "wrong-type")
    try:
        day = dt.date.fromisoformat(value)
    except ValueError:
        raise RulesInvalid(path, "invalid") from None
    if not _EARLIEST <= day <= _LATEST:
        raise RulesInvalid(path, "out-of-range")
    return day


def _name(value: object, path: str) -> str:
    if not isinstance(value, str):
        raise RulesInvalid(path, "wrong-type")
    if _NAME.fullmatch(value) is None:
        raise RulesInvalid(path, "invalid")
    return value


_READERS: Final[Mapping[type, Callable[[object, str], Any]]] = {
    int: _whole,
    bool: _yes_no,
    dt.date: _day,
    str: _name,
}

_AGREEMENTS: Final[tuple[tuple[Callable[[Rules], bool], str, str], ...]] = (
    (
        lambda rules: rules.listing.maximum_days_past_due >= rules.listing.minimum_days_past_due,
        "listing.maximum_days_past_due",
        "below-minimum",
    ),
    (
        lambda rules: rules.settlement_tolerance_fen < rules.listing.minimum_principal_fen,
        "settlement_tolerance_fen",
        "not-below-minimum-principal",
    ),
    (lambda rules: rules.disputes.close_days > rules.disputes.answer_days, "disputes.close_days", "not-after-answer"),
    (
        lambda rules: rules.dispute_reminder_days < rules.disputes.answer_days,
        "dispute_reminder_days",
        "not-before-answer",
    ),
    (
        lambda rules: rules.retention.seal_days > rules.reversal_max_days,
        "retention.seal_days",
        "within-reversal-days",
    ),
    (
        lambda rules: rules.retention.closed_days >= rules.retention.seal_days,
        "retention.closed_days",
        "before-the-seal",
    ),
    (
        lambda rules: all(day.weekday() < _SATURDAY for day in rules.collection.holidays),
        "collection.holidays",
        "not-a-weekday",
    ),
    (
        lambda rules: all(day.weekday() >= _SATURDAY for day in rules.collection.extra_workdays),
        "collection.extra_workdays",
        "not-a-weekend",
    ),
)
"""Conditions between figures, each with the field and the code of its refusal."""
