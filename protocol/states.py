"""The states that resources go through, and the words that tell of their changes: part of the wire format."""

from enum import StrEnum
from typing import Final


class RecordState(StrEnum):
    """Where a record stands. Only ACTIVE blocks."""

    RECEIVED = "RECEIVED"
    REJECTED = "REJECTED"
    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    CANCELLED = "CANCELLED"
    CLEARED = "CLEARED"
    WITHDRAWN = "WITHDRAWN"
    DISPUTED = "DISPUTED"
    SUSPENDED = "SUSPENDED"
    ARRANGED = "ARRANGED"
    VOID_IDENTITY_THEFT = "VOID_IDENTITY_THEFT"
    DISCHARGED = "DISCHARGED"
    TRANSFERRED = "TRANSFERRED"
    FROZEN = "FROZEN"
    EXPIRED = "EXPIRED"
    PURGED = "PURGED"


OPEN_STATES: Final = frozenset(
    {
        RecordState.PENDING,
        RecordState.ACTIVE,
        RecordState.DISPUTED,
        RecordState.SUSPENDED,
        RecordState.ARRANGED,
        RecordState.FROZEN,
    }
)
"""States in which the debt is still owed here: at most one such record per subject, creditor and account."""


class Action(StrEnum):
    """What is done to a record."""

    REJECT = "REJECT"
    ACCEPT = "ACCEPT"
    ENFORCE = "ENFORCE"
    CLEAR = "CLEAR"
    WITHDRAW = "WITHDRAW"
    DISPUTE = "DISPUTE"
    UPHOLD = "UPHOLD"
    STOP = "STOP"
    SUSPEND = "SUSPEND"
    ANSWER_LATE = "ANSWER_LATE"
    LAPSE = "LAPSE"
    VOID = "VOID"
    ARRANGE = "ARRANGE"
    BREAK_PLAN = "BREAK_PLAN"
    REVERSE = "REVERSE"
    DISCHARGE = "DISCHARGE"
    TRANSFER = "TRANSFER"
    FREEZE = "FREEZE"
    UNFREEZE = "UNFREEZE"
    EXPIRE = "EXPIRE"
    PURGE = "PURGE"


class Party(StrEnum):
    """Who acts: the reporting carrier, who collects for it or files a dispute, a neutral body, or the registry."""

    CREDITOR = "CREDITOR"
    COLLECTOR = "COLLECTOR"
    FILER = "FILER"
    ADJUDICATOR = "ADJUDICATOR"
    REGULATOR = "REGULATOR"
    REGISTRY = "REGISTRY"
    CLOCK = "CLOCK"


class HouseholdKind(StrEnum):
    """The two independent household keys."""

    REGISTER = "REGISTER"
    ADDRESS = "ADDRESS"


class DemandState(StrEnum):
    """Where a demand stands; OVERDUE is told by the date and never stored."""

    OPEN = "OPEN"
    DIFFERS = "DIFFERS"
    """What was shown is not what was promised; another answer may come until the day."""
    MATCHES = "MATCHES"
    OVERDUE = "OVERDUE"


class RulesState(StrEnum):
    """Only an APPROVED version is ever in force."""

    PROPOSED = "PROPOSED"
    APPROVED = "APPROVED"


class DebtPart(StrEnum):
    """What a payment is put towards."""

    COSTS = "COSTS"
    """What collecting it cost, court fees for one: no late fee runs on them."""
    FEES = "FEES"
    PRINCIPAL = "PRINCIPAL"


class CollectionState(StrEnum):
    """Where the creditor stands. Silence is consent; only a refused collection can still be confirmed."""

    TO_CONFIRM = "TO_CONFIRM"
    CONFIRMED = "CONFIRMED"
    CONFIRMED_BY_SILENCE = "CONFIRMED_BY_SILENCE"
    REFUSED = "REFUSED"


class DisputeState(StrEnum):
    """Where a case stands. A SUSPENDED one goes with a record that does not block, as does one that ``stops``."""

    OPEN = "OPEN"
    ANSWERED = "ANSWERED"
    SUSPENDED = "SUSPENDED"
    CLOSED = "CLOSED"


class Side(StrEnum):
    """Whose document it is."""

    FILER = "FILER"
    CREDITOR = "CREDITOR"


class MediaType(StrEnum):
    """What a document may be: nothing that can run in a counter's browser."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"


class ClearanceState(StrEnum):
    """Whether a clearance still holds; its signature cannot be taken back, so whoever has to be sure asks."""

    VALID = "VALID"
    REVOKED = "REVOKED"


class TransferState(StrEnum):
    """PROPOSED by one person of the seller, OFFERED once another confirmed; the buyer's acceptance executes it.

    LAPSED by its date before that. One of the two parties proposes to undo what was executed, the other does it.
    """

    PROPOSED = "PROPOSED"
    OFFERED = "OFFERED"
    ACCEPTED = "ACCEPTED"
    CANCELLED = "CANCELLED"
    LAPSED = "LAPSED"
    UNDO_PROPOSED = "UNDO_PROPOSED"
    UNDONE = "UNDONE"


class PlanState(StrEnum):
    """Only a RUNNING plan holds enforcement off; KEPT is one whose debt ended under it."""

    RUNNING = "RUNNING"
    KEPT = "KEPT"
    BROKEN = "BROKEN"


class RebuttalState(StrEnum):
    """What a rebuttal is on a day; only one that HOLDS keeps anything apart."""

    HOLDS = "HOLDS"
    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"


class RedListState(StrEnum):
    """What an entry is on a day; only EFFECTIVE waives anything."""

    PROPOSED = "PROPOSED"
    EFFECTIVE = "EFFECTIVE"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


class Form(StrEnum):
    """How a net statement is written."""

    JSON = "json"
    CSV = "csv"


CLOSED_STATES: Final = frozenset(
    {
        RecordState.CANCELLED,
        RecordState.CLEARED,
        RecordState.WITHDRAWN,
        RecordState.VOID_IDENTITY_THEFT,
        RecordState.DISCHARGED,
        RecordState.TRANSFERRED,
        RecordState.EXPIRED,
    }
)
"""States in which a record is kept for audit only, until its retention is over."""


class RowNote(StrEnum):
    """Says more about a verdict."""

    STILL_BLOCKS = "STILL_BLOCKS"
    """The record that the verdict names is ACTIVE and the row did not change that."""
    FIGURES_STAND = "FIGURES_STAND"
    """The row asks for more than the record: a figure rises only on a later notice, never under a case or a plan."""


class HouseholdKeyState(StrEnum):
    """Why a row or a question has a household key, or none."""

    GIVEN = "GIVEN"
    NOT_GIVEN = "NOT_GIVEN"
    """The field is empty."""
    NOT_CANONICAL = "NOT_CANONICAL"
    """The field is not certain enough for a key: no room number, a hidden character, a filler."""
    COLLECTIVE = "COLLECTIVE"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    """A firm belongs to no household."""
