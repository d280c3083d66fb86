"""The rules as a document, their versions, and a creditor's own fee. What a figure may be is for the policy to say."""

from typing import Any, Final

from api.schemas.fields import Code, Day, Identifier, Items, Moment, Part, StrictSchema, Text, Whole, YesNo
from api.schemas.names import MAX_COUNT, participant_id, rules_name
from protocol.encodings import MAX_FEN
from registry.domain.money import DebtPart
from registry.domain.rules import RulesState

_MOST_DATES: Final = 1_000
_MOST_VERSIONS: Final = 1_000


def _count() -> Whole:
    return Whole(least=0, most=MAX_COUNT, required=True)


def _fen() -> Whole:
    return Whole(least=0, most=MAX_FEN, required=True)


def _digest() -> Text:
    return Text("[0-9a-f]{64}", least=64, most=64, required=True)


class ListingRulesSchema(StrictSchema):
    """Which debts may be listed, and how long after the notice a record begins to block."""

    minimum_principal_fen = _fen()
    minimum_days_past_due = _count()
    maximum_days_past_due = _count()
    notice_lead_days = _count()


class LateFeeRulesSchema(StrictSchema):
    """Parts per million of the principal: a day, and in all."""

    daily_ppm = _count()
    cap_ppm = _count()


class DisputeTermsSchema(StrictSchema):
    """How long each side of a dispute has, in days."""

    answer_days = _count()
    close_days = _count()
    lapse_days = _count()


class EvidenceTermsSchema(StrictSchema):
    """Whether a report needs a manifest of its evidence, and how soon a document of it is shown."""

    required = YesNo(required=True)
    answer_days = _count()


class ConfirmationTermsSchema(StrictSchema):
    """How fresh the creditor's word that a debt is unpaid has to be (0: none is asked for), and when waiting ends."""

    max_age_days = _count()
    lapse_days = _count()


class CollectionTermsSchema(StrictSchema):
    """Working days for the creditor's answer to a collection, and the dates on which the week's plan does not hold."""

    confirm_working_days = _count()
    holidays = Items(Day(), least=0, most=_MOST_DATES, required=True)
    extra_workdays = Items(Day(), least=0, most=_MOST_DATES, required=True)


class RetentionTermsSchema(StrictSchema):
    """How long anything is kept."""

    record_years = _count()
    seal_days = _count()
    closed_days = _count()
    inquiry_months = _count()
    event_days = _count()
    answer_days = _count()


class TakeOutTermsSchema(StrictSchema):
    """The records that a creditor's rows may take out a day: a share of its open ones, or a least number."""

    daily_share_ppm = _count()
    daily_least = _count()


class TransferTermsSchema(StrictSchema):
    """How long an offer of debts stands, and for how long it can be undone once it was accepted."""

    offer_days = _count()
    undo_days = _count()


class RulesSchema(StrictSchema):
    """All figures of one version: money in fen, rates in parts per million, times as the names say."""

    version = rules_name(required=True)
    effective_from = Day(required=True)
    listing = Part(ListingRulesSchema, required=True)
    late_fee = Part(LateFeeRulesSchema, required=True)
    quote_valid_hours = _count()
    decision_token_minutes = _count()
    red_list_max_days = _count()
    allocation = Items(Code(DebtPart), least=len(DebtPart), most=len(DebtPart), required=True)
    settlement_tolerance_fen = _fen()
    reversal_max_days = _count()
    disputes = Part(DisputeTermsSchema, required=True)
    victim_marker_months = _count()
    plan_grace_days = _count()
    notice_of_change_days = _count()
    dispute_reminder_days = _count()
    evidence = Part(EvidenceTermsSchema, required=True)
    confirmation = Part(ConfirmationTermsSchema, required=True)
    collection = Part(CollectionTermsSchema, required=True)
    retention = Part(RetentionTermsSchema, required=True)
    free_statements_a_year = _count()
    rebuttal_months = _count()
    ended_link_days = _count()
    take_outs = Part(TakeOutTermsSchema, required=True)
    transfers = Part(TransferTermsSchema, required=True)


def plain_rules(loaded: dict[str, Any]) -> dict[str, Any]:
    """What RulesSchema loaded as plain JSON values again: the policy reads rules in that one form only."""
    plain: dict[str, Any] = RulesSchema().dump(loaded)
    return plain


class DayQuerySchema(StrictSchema):
    """Which day is asked about."""

    at = Day(metadata={"description": "A date in Beijing; today when absent."})


class RulesDateSchema(StrictSchema):
    """A version that is approved, and the day it comes into force."""

    version = rules_name(required=True)
    effective_from = Day(required=True)


class PublishedRulesSchema(StrictSchema):
    """The rules in force on a day, and all versions by date, those to come included."""

    rules = Part(RulesSchema, required=True)
    versions = Items(Part(RulesDateSchema), least=1, most=_MOST_VERSIONS, required=True)


class RulesVersionSchema(StrictSchema):
    """One version and how it came about; ``sha256`` is of the canonical JSON of ``rules`` and stands in the log.

    Nobody proposed the founding versions.
    """

    rules = Part(RulesSchema, required=True)
    state = Code(RulesState, required=True)
    sha256 = _digest()
    proposed_by = participant_id(required=True, allow_none=True)
    proposed_at = Moment(required=True, allow_none=True)
    approved_by = participant_id(required=True, allow_none=True)
    approved_at = Moment(required=True, allow_none=True)


class RulesApprovalSchema(StrictSchema):
    """Which figures are approved: the digest of the version as it is shown."""

    sha256 = _digest()


class NewCreditorTermsSchema(StrictSchema):
    """The sender's own late fee on what it lists from a day on: today, or a later one."""

    daily_ppm = _count()
    cap_ppm = _count()
    effective_from = Day(required=True)


class CreditorTermsSchema(NewCreditorTermsSchema):
    """Terms as they were set."""

    terms_id = Identifier(required=True)
    set_at = Moment(required=True)


class CreditorTermsListSchema(StrictSchema):
    """The terms of a day (null where the rules alone apply), and all that were ever set, by date."""

    in_force = Part(CreditorTermsSchema, required=True, allow_none=True)
    terms = Items(Part(CreditorTermsSchema), least=0, most=MAX_COUNT, required=True)
