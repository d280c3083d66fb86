"""Lists the reasons for which a custodian does not take part in a ceremony, or does not go on with one."""

from enum import StrEnum
from typing import Final


class HaltCode(StrEnum):
    """The reasons; a command prints the message, and scripts may rely on the code in it."""

    UNKNOWN = "ceremony-unknown"
    NOT_A_PARTY = "not-a-party"
    NOT_PINNED = "not-pinned"
    OTHER_SEAT = "other-seat"
    FORMER_UNKNOWN = "former-unknown"
    LATER_KNOWN = "later-known"
    NUMBER_USED = "number-used"
    EPOCH_USED = "epoch-used"
    OVER = "over"
    WITHDRAWN = "withdrawn"
    CONFIRMED = "confirmed"
    DRIVEN = "being-joined"
    STILL_A_MEMBER = "still-a-member"
    SUCCEEDS = "succeeds"
    TAKEN_PART = "taken-part-before"
    SECRETS_GONE = "secrets-gone"
    DAMAGED = "damaged"
    NOT_FORMED = "not-formed"
    INCOMPLETE = "terms-incomplete"


class CeremonyHalted(Exception):
    """This custodian does not take part, or does not go on; the message is one line without any secret."""

    def __init__(self, code: HaltCode, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code: Final = code
