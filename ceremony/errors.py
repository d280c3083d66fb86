"""Lists the refusals of a ceremony: of a proposal, of a step that says nothing, and the faults of a party."""

from enum import StrEnum
from typing import Final


class RefusalCode(StrEnum):
    """The reasons why a proposal, step or transcript is not taken. Anybody could send it."""

    NOT_CANONICAL = "NOT_CANONICAL"
    """Not the one spelling of such a message, or too large."""
    INVALID_TERMS = "INVALID_TERMS"
    """The terms contradict themselves: indices, names, thresholds."""
    FORMER_INVALID = "FORMER_INVALID"
    """The former committee's public keys are no sharing of its joint key."""
    OTHER_CEREMONY = "OTHER_CEREMONY"
    """A step of another ceremony."""
    NOT_A_PARTY = "NOT_A_PARTY"
    SIGNATURE_INVALID = "SIGNATURE_INVALID"
    PARTS_MISSING = "PARTS_MISSING"
    """A DEAL without the sealed parts whose digests it names."""
    OWN_SHARE_WRONG = "OWN_SHARE_WRONG"
    """A party's own share is missing, or is not the one that the former committee names: its steps would be faults."""
    INCOMPLETE = "INCOMPLETE"
    """A transcript in which a step is missing, stands twice, or out of its place."""
    FAULTY = "FAULTY"
    """A transcript in which a party is at fault."""


class CeremonyRefused(Exception):
    """A proposal, step or transcript is refused; ``code`` has the reason, the message repeats no input."""

    def __init__(self, code: RefusalCode, message: str) -> None:
        super().__init__(message)
        self.code: Final = code


class FaultCode(StrEnum):
    """The faults that end a ceremony, each proven by steps that its party signed."""

    EQUIVOCATION = "EQUIVOCATION"
    """Two different steps where one is due: peers were shown different things."""
    BAD_JOIN = "BAD_JOIN"
    """Sealing keys of another number or of low order, or a commitment where none is due, or none."""
    COMMITMENTS_CHANGED = "COMMITMENTS_CHANGED"
    """The revealed commitments are not those that the JOIN committed to."""
    BAD_COMMITMENTS = "BAD_COMMITMENTS"
    """Another number of commitments, the identity, or bytes that are no element."""
    POSSESSION_UNPROVEN = "POSSESSION_UNPROVEN"
    OTHER_CONSTANT = "OTHER_CONSTANT"
    """A dealer of a resharing shares something else than its own share."""
    BAD_DEAL = "BAD_DEAL"
    """Sealed parts of another number."""
    NO_KEY = "NO_KEY"
    """The commitments add up to the identity; nobody is named."""
    BAD_PART = "BAD_PART"
    """A complaint was right: the dealer sent a part that does not open, or is not the committed value."""
    FALSE_COMPLAINT = "FALSE_COMPLAINT"
    """A complaint was wrong: the part that the dealer sent is the committed value."""
    FALSE_CONFIRMATION = "FALSE_CONFIRMATION"
    """A confirmation of another committee than the steps make."""
    BAD_CANARY = "BAD_CANARY"
    """The canary was not evaluated with the share that the committee names."""
    CANARY_CHANGED = "CANARY_CHANGED"
    """The canary's token is not the former one; nobody is named."""
