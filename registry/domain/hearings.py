"""Decides if a dispute stops its record: after one upheld case a further ground is heard while the record blocks."""

from collections.abc import Collection
from enum import StrEnum

from protocol.codes import DisputeGround, DisputeOutcome
from protocol.states import Action
from registry.domain.disputes import Dispute
from registry.domain.life import next_actions
from registry.domain.records import Record


class Hearing(StrEnum):
    """The effect of a filing on the record while its case is open."""

    STOPS = "STOPS"
    """The record blocks nobody until the case is closed."""
    BESIDE = "BESIDE"
    """The record goes on blocking while the case is heard."""


def hearing(record: Record, ground: DisputeGround, cases: Collection[Dispute]) -> Hearing | None:
    """Return a filing's hearing beside all ``cases`` of its record; None if it cannot be filed.

    Over figures no higher than those of an upheld case, its ground is not heard again, and of the other grounds only
    a stolen identity stops enforcement again. A filing that stops it replaces a case that is heard beside it. Cases
    that were closed without a judgement do not count.
    """
    judged = [each for each in cases if each.outcome is DisputeOutcome.UPHELD and not claims_more(record, each)]
    if Action.DISPUTE not in next_actions(record.state) or any(each.ground is ground for each in judged):
        return None
    blocks_on = record.blocks and ground is not DisputeGround.IDENTITY_THEFT and any(each.stops for each in judged)
    if not blocks_on:
        return Hearing.STOPS
    return None if any(not each.is_closed for each in cases) else Hearing.BESIDE


def claims_more(record: Record, case: Dispute) -> bool:
    """Tell whether the record claims more than at the case's filing: in principal, in costs, or net of payments."""
    return (
        record.principal_fen > case.principal_fen
        or record.costs_fen > case.costs_fen
        or record.claimed_fen - record.paid_fen > case.principal_fen + case.costs_fen - case.paid_fen
    )
