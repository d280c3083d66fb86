"""The states of resources, and the words for their changes: part of the wire format."""

from enum import StrEnum
from typing import Final


class RecordState(StrEnum):
    """The states of a record. Only ACTIVE blocks."""

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
    """The actions on a record."""

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
    """The acting parties: the reporting carrier, one that collects or files a dispute, a neutral body, the registry."""

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
    """The states of a demand; OVERDUE follows from the date and is never stored."""

    OPEN = "OPEN"
    DIFFERS = "DIFFERS"
    """The shown document is not the promised one; another answer may come until the day."""
    MATCHES = "MATCHES"
    OVERDUE = "OVERDUE"


class RulesState(StrEnum):
    """Only an APPROVED version is ever in force."""

    PROPOSED = "PROPOSED"
    APPROVED = "APPROVED"


class DebtPart(StrEnum):
    """The parts of a debt that a payment is put towards."""

    COSTS = "COSTS"
    """The costs of collecting, court fees for example: no late fee runs on them."""
    FEES = "FEES"
    PRINCIPAL = "PRINCIPAL"


class CollectionState(StrEnum):
    """The creditor's position. Silence is consent; only a refused collection can still be confirmed."""

    TO_CONFIRM = "TO_CONFIRM"
    CONFIRMED = "CONFIRMED"
    CONFIRMED_BY_SILENCE = "CONFIRMED_BY_SILENCE"
    REFUSED = "REFUSED"


class DisputeState(StrEnum):
    """The states of a case. The record of a SUSPENDED one does not block, nor does that of one that ``stops``."""

    OPEN = "OPEN"
    ANSWERED = "ANSWERED"
    SUSPENDED = "SUSPENDED"
    CLOSED = "CLOSED"


class Side(StrEnum):
    """The side of a case to which a document belongs."""

    FILER = "FILER"
    CREDITOR = "CREDITOR"


class MediaType(StrEnum):
    """The allowed kinds of documents: none can run in a counter's browser."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"


class ClearanceState(StrEnum):
    """The states of a clearance; its signature cannot be withdrawn, so a careful reader asks the registry."""

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
    """The state of a rebuttal on a day; only one that HOLDS keeps subject and household apart."""

    HOLDS = "HOLDS"
    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"


class RedListState(StrEnum):
    """The state of an entry on a day; only EFFECTIVE waives arrears."""

    PROPOSED = "PROPOSED"
    EFFECTIVE = "EFFECTIVE"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


class Form(StrEnum):
    """The forms of a net statement."""

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
    """A note that explains a verdict."""

    STILL_BLOCKS = "STILL_BLOCKS"
    """The record that the verdict names is ACTIVE and the row did not change that."""
    FIGURES_STAND = "FIGURES_STAND"
    """The row asks for more than the record: a figure rises only on a later notice, never under a case or a plan."""


class UnchangedOutcome(StrEnum):
    """The outcome of a creditor's word that the debt of an open record is as it was reported last."""

    CONFIRMED = "CONFIRMED"
    CHANGED = "CHANGED"
    """It is closed, or of another version than the creditor knows: the whole row has to be judged."""
    NOT_FOUND = "NOT_FOUND"


class HouseholdKeyState(StrEnum):
    """The reasons why a row or an inquiry has a household key, or none."""

    GIVEN = "GIVEN"
    NOT_GIVEN = "NOT_GIVEN"
    """The field is empty."""
    NOT_CANONICAL = "NOT_CANONICAL"
    """The field is too uncertain for a key: no room number, a hidden character, a filler."""
    COLLECTIVE = "COLLECTIVE"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    """A firm belongs to no household."""
    NOT_ASKED = "NOT_ASKED"
    """The inquiry has no context: the registry was not told."""


TOLD_STATES: Final = tuple(each for each in HouseholdKeyState if each is not HouseholdKeyState.NOT_ASKED)
"""The states that a gateway finds and tells."""
SOURCED_STATES: Final = frozenset(
    {HouseholdKeyState.GIVEN, HouseholdKeyState.NOT_CANONICAL, HouseholdKeyState.COLLECTIVE}
)
"""The states of a field that was filled: it came from somewhere."""
