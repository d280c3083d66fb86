"""The vocabulary of events: the kinds that a feed delivers."""

from enum import StrEnum


class EventKind(StrEnum):
    """The kinds of events that a participant must act on."""

    RECORD_CLEARED = "RECORD_CLEARED"
    RECORD_WITHDRAWN = "RECORD_WITHDRAWN"
    RECORD_CORRECTED = "RECORD_CORRECTED"
    RECORD_DISPUTED = "RECORD_DISPUTED"
    DISPUTE_ANSWER_DUE = "DISPUTE_ANSWER_DUE"
    DISPUTE_DECISION_DUE = "DISPUTE_DECISION_DUE"
    """To the adjudicators: nobody decided an answered case in time."""
    RECORD_REACTIVATED = "RECORD_REACTIVATED"
    CLEARANCE_REVOKED = "CLEARANCE_REVOKED"
    COLLECTION_TO_CONFIRM = "COLLECTION_TO_CONFIRM"
    COLLECTION_REFUSED = "COLLECTION_REFUSED"
    REVERSAL_TO_CONFIRM = "REVERSAL_TO_CONFIRM"
    """To the collector: the creditor proposes to take a collection back, which needs the collector's word as well."""
    RULES_CHANGED = "RULES_CHANGED"
    RECORD_STATE_CHANGED = "RECORD_STATE_CHANGED"
    """To the creditor: somebody else, or the clock, moved its record."""
    CONFIRMATION_DUE = "CONFIRMATION_DUE"
    EVIDENCE_DEMANDED = "EVIDENCE_DEMANDED"
    TRANSFER_OFFERED = "TRANSFER_OFFERED"
    TRANSFER_LAPSED = "TRANSFER_LAPSED"
    """To both parties: the buyer did not accept in time."""
    TRANSFER_UNDO_PROPOSED = "TRANSFER_UNDO_PROPOSED"
    """To the other party, whose word undoes the transfer."""
    TRANSFER_UNDONE = "TRANSFER_UNDONE"
    TAKE_OUTS_HELD = "TAKE_OUTS_HELD"
    """To the creditor: its rows would take out more records today than one key may."""
