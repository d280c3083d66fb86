"""Read a version of the rules from its stored document, and check that its figures agree with each other.

The bounds of each figure stand at the figure itself, in protocol/messages/rules.py.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from protocol import strict_json
from protocol.codes import ServiceClass
from protocol.context import STANDARD_CONSENT
from protocol.encodings import canonical_json
from protocol.messages.rules import FIRST_ACTIVATION, FIRST_ALTERNATIVES, FIRST_RECHECKS, Rules
from protocol.problems import FieldCode
from protocol.states import DebtPart
from protocol.wire.codec import read, write
from registry.policy.rules import RuleBook, context_terms
from registry.policy.scorecard import first_fault

MAX_DOCUMENT: Final = 64 * 1024
_EARLIEST: Final = dt.date(2000, 1, 1)
_LATEST: Final = dt.date(2199, 12, 31)
_SATURDAY: Final = 5

_ADDED_WHOLE: Final[Mapping[str, Any]] = {
    "ended_link_days": 180,
    "take_outs": {"daily_share_ppm": 10_000, "daily_least": 20},
    "transfers": {"offer_days": 90, "undo_days": 90},
    "context": {"consent_texts": [STANDARD_CONSENT]},
    "alternatives": FIRST_ALTERNATIVES,
    "rechecks": FIRST_RECHECKS,
    "activation": FIRST_ACTIVATION,
}
_ADDED_TO_PARTS: Final[Mapping[str, Mapping[str, Any]]] = {"listing": {"maximum_days_past_due": 1_095}}
"""Figures that a release added, with the values for the versions that were signed before it."""


class RulesInvalid(Exception):
    """The figures of a version contradict each other: ``field`` is a path in the document, ``code`` the reason."""

    def __init__(self, field: str, code: FieldCode) -> None:
        super().__init__(f"{field}: {code}")
        self.field = field
        self.code = code


def check_agreements(rules: Rules) -> None:
    """Raise RulesInvalid for the first figure that does not agree with the others."""
    for holds, field, code in _AGREEMENTS:
        if not holds(rules):
            raise RulesInvalid(field, code)
    found = None if rules.grade is None else first_fault(rules.grade)
    if found is not None:
        raise RulesInvalid(f"grade.{found[0]}", found[1])


def document_bytes(rules: Rules) -> bytes:
    """Write the canonical JSON whose SHA-256 the log names."""
    return canonical_json(write(rules))


@lru_cache(maxsize=256)
def rules_of(document: bytes) -> Rules:
    """Read the rules of a stored document, once in each process; raises Malformed, RulesInvalid or StrictJsonError.

    A version that was signed before a release added a figure lacks the figure and cannot be signed again: it is read
    with the figure of that release. Its digest stays that of the signed document.
    """
    rules = read(Rules, _with_added(strict_json.load_object(document, max_bytes=MAX_DOCUMENT)))
    check_agreements(rules)
    return rules


@lru_cache(maxsize=8)
def book_with(founding: RuleBook, documents: tuple[bytes, ...]) -> RuleBook:
    """Make the book of founding and approved versions, by date, once for each list of documents."""
    approved = sorted((rules_of(document) for document in documents), key=lambda rules: rules.effective_from)
    return RuleBook((*founding.versions, *approved))


def _with_added(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with the figures that releases added since it was signed."""
    whole = {**_ADDED_WHOLE, **document}
    for part, added in _ADDED_TO_PARTS.items():
        if isinstance(whole.get(part), dict):
            whole[part] = {**added, **whole[part]}
    return whole


def _possible(*days: dt.date) -> bool:
    return all(_EARLIEST <= day <= _LATEST for day in days)


def _repeats(services: tuple[ServiceClass, ...]) -> bool:
    return len(set(services)) < len(services)


def _in_order(days: tuple[dt.date, ...]) -> bool:
    return list(days) == sorted(set(days))


def _distinct(names: tuple[str, ...]) -> bool:
    return len(set(names)) == len(names)


_AGREEMENTS: Final[tuple[tuple[Callable[[Rules], bool], str, FieldCode], ...]] = (
    (lambda rules: _possible(rules.effective_from), "effective_from", FieldCode.OUT_OF_RANGE),
    (lambda rules: sorted(rules.allocation) == sorted(DebtPart), "allocation", FieldCode.NOT_EVERY_PART_ONCE),
    (lambda rules: _possible(*rules.collection.holidays), "collection.holidays", FieldCode.OUT_OF_RANGE),
    (lambda rules: _in_order(rules.collection.holidays), "collection.holidays", FieldCode.OUT_OF_ORDER),
    (lambda rules: _possible(*rules.collection.extra_workdays), "collection.extra_workdays", FieldCode.OUT_OF_RANGE),
    (lambda rules: _in_order(rules.collection.extra_workdays), "collection.extra_workdays", FieldCode.OUT_OF_ORDER),
    (lambda rules: rules.context is not None, "context", FieldCode.REQUIRED),
    (lambda rules: _distinct(context_terms(rules).consent_texts), "context.consent_texts", FieldCode.REPEATED),
    (
        lambda rules: _possible(context_terms(rules).required_from or rules.effective_from),
        "context.required_from",
        FieldCode.OUT_OF_RANGE,
    ),
    (
        lambda rules: rules.listing.maximum_days_past_due >= rules.listing.minimum_days_past_due,
        "listing.maximum_days_past_due",
        FieldCode.BELOW_MINIMUM,
    ),
    (
        lambda rules: rules.settlement_tolerance_fen < rules.listing.minimum_principal_fen,
        "settlement_tolerance_fen",
        FieldCode.NOT_BELOW_MINIMUM_PRINCIPAL,
    ),
    (
        lambda rules: rules.disputes.close_days > rules.disputes.answer_days,
        "disputes.close_days",
        FieldCode.NOT_AFTER_ANSWER,
    ),
    (
        lambda rules: rules.dispute_reminder_days < rules.disputes.answer_days,
        "dispute_reminder_days",
        FieldCode.NOT_BEFORE_ANSWER,
    ),
    (
        lambda rules: rules.retention.seal_days > rules.reversal_max_days,
        "retention.seal_days",
        FieldCode.WITHIN_REVERSAL_DAYS,
    ),
    (
        lambda rules: rules.retention.closed_days >= rules.retention.seal_days,
        "retention.closed_days",
        FieldCode.BEFORE_THE_SEAL,
    ),
    (
        lambda rules: rules.grade is None or rules.grade.history_days < rules.retention.seal_days,
        "grade.history_days",
        FieldCode.NOT_BEFORE_THE_SEAL,
    ),
    (
        lambda rules: not _repeats(rules.alternatives.prepaid_services),
        "alternatives.prepaid_services",
        FieldCode.REPEATED,
    ),
    (
        lambda rules: ServiceClass.MOBILE in rules.alternatives.prepaid_services,
        "alternatives.prepaid_services",
        FieldCode.LEAVES_NO_SERVICE,
    ),
    (
        lambda rules: all(day.weekday() < _SATURDAY for day in rules.collection.holidays),
        "collection.holidays",
        FieldCode.NOT_A_WEEKDAY,
    ),
    (
        lambda rules: all(day.weekday() >= _SATURDAY for day in rules.collection.extra_workdays),
        "collection.extra_workdays",
        FieldCode.NOT_A_WEEKEND,
    ),
)
"""Conditions between figures, each with the field and the code of its refusal."""
