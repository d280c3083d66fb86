"""Lists the reasons for which an offered committee is not taken, and which of them stop the gateway."""

from enum import StrEnum
from typing import Final

from client.errors import ClientError


class PinCode(StrEnum):
    """The reasons, each with its stable code."""

    FORK = "fork"
    """Another committee stands under the pinned epoch and number."""
    OTHER_KEY = "other-key"
    """Another joint key stands under the pinned epoch."""
    OTHER_CANARY = "other-canary"
    """The epoch's canary has another token than the pinned one."""
    TRANSCRIPT_INVALID = "transcript-invalid"
    """The transcript proves no committee, or another one than the registry names."""
    NOT_A_SUCCESSOR = "not-a-successor"
    """The former committee of the transcript is not the pinned one."""
    QUORUM_MISSING = "quorum-missing"
    """Fewer members of the pinned committee than its threshold signed, under the keys that are pinned."""
    ENTRY_DIFFERS = "entry-differs"
    """The log has another committee under the entry that is named."""
    LOG_FORKED = "log-forked"
    CUSTODIANS_DIFFER = "custodians-differ"
    """So many custodians show other keys for the pinned committee that the rest are fewer than its threshold."""
    UNLOGGED = "unlogged"
    """For three days the registry has offered a committee without a witnessed entry."""

    NOT_LOGGED = "not-logged"
    """No entry of the log shows the committee yet."""
    NOT_WITNESSED = "not-witnessed"
    """The log's entry is under no head that the carrier's policy believes."""
    NOT_SERVED = "not-served"
    """Fewer members of the new committee than its threshold serve their shares yet."""

    LOG_NOT_PINNED = "log-not-pinned"
    """The settings pin no log, or no policy of witnesses: only a person takes a committee."""
    SIGNERS_NOT_PINNED = "signers-not-pinned"
    """The settings name no signing keys of custodians: a person takes the next committee, which brings them."""
    OTHER_EPOCH = "other-epoch"
    """A committee of a later epoch, which has another key: only a person takes it."""
    NOT_NEWER = "not-newer"
    """The committee is not later than the pinned one."""


STOPPING: Final = frozenset(
    {
        PinCode.FORK,
        PinCode.OTHER_KEY,
        PinCode.OTHER_CANARY,
        PinCode.TRANSCRIPT_INVALID,
        PinCode.NOT_A_SUCCESSOR,
        PinCode.QUORUM_MISSING,
        PinCode.ENTRY_DIFFERS,
        PinCode.LOG_FORKED,
        PinCode.CUSTODIANS_DIFFER,
        PinCode.UNLOGGED,
    }
)
"""No time makes these good: nothing is tokenised until a person has looked."""
UNPROVEN: Final = frozenset({PinCode.NOT_LOGGED, PinCode.NOT_WITNESSED})
"""An honest committee passes through these within minutes."""
FOR_A_PERSON: Final = frozenset({PinCode.LOG_NOT_PINNED, PinCode.SIGNERS_NOT_PINNED, PinCode.OTHER_EPOCH})


class CommitteeRefused(ClientError):
    """An offered committee is not taken; ``code`` is stable, and the message repeats nothing of it."""

    def __init__(self, code: PinCode, what: str) -> None:
        super().__init__(f"{code}: {what}")
        self.code: Final = code


class KeyChanged(ClientError):
    """Nothing is tokenised: the custodians' key may not be the pinned one; ``code`` is the reason."""

    def __init__(self, code: str, what: str) -> None:
        super().__init__(f"key-changed: {code}: {what}")
        self.code: Final = code
