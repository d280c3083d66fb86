"""The words for an office's reading: its purpose, and the member of its staff that reads.

Regulation on the Administration of the Credit Reporting Industry (PRC), article 22: who reads, when, what and why is
registered. docs/spec/readings.md has the headers.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from uuid import UUID

from protocol.encodings import b64url_decode, b64url_encode

PURPOSE_HEADER: Final = "Clearline-Purpose"
AGENT_HEADER: Final = "Clearline-Agent"
AGENT_DIGEST_HEADER: Final = "Clearline-Agent-Digest"
LOG_ENTRY_HEADER: Final = "Clearline-Log-Entry"
AGENT_BYTES: Final = 16
AGENT_SALT_BYTES: Final = 16


class ReadingPurpose(StrEnum):
    """The purposes of a reading by an office."""

    CASE = "CASE"
    """One case that the office has to judge or to answer."""
    SUPERVISION = "SUPERVISION"
    """The office's standing duty to oversee: the whole log, a day's tallies."""
    SAMPLE = "SAMPLE"
    """Some cases that were drawn, to see how all are handled."""
    COMPLAINT = "COMPLAINT"
    """Somebody complained."""
    UPKEEP = "UPKEEP"
    """The registry is operated or repaired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A member of an office's staff, as its header says it.

    The salt is new for each request: the signature covers a digest of both, which tells nothing once they are erased.
    """

    reference: bytes = field(repr=False)
    """16 bytes, which the office alone can compute from the staff number."""
    salt: bytes = field(repr=False)
    """16 random bytes."""


def _told_to_nobody(_: UUID) -> None:
    """Ignore the id of an entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The context of one reading; None is what the office did not say."""

    purpose: ReadingPurpose | None = None
    agent: Agent | None = None
    on_entry: Callable[[UUID], None] = field(default=_told_to_nobody, repr=False, compare=False)
    """Gets the id of the entry that logs the reading; the last one stands where a transaction was tried again."""


UNTOLD: Final = Reading()
"""Of a reading by an office that says nothing, or by a participant that is no office."""


def write_agent(agent: Agent) -> str:
    """Write the header of an agent: 32 bytes in base64url, 43 characters."""
    return b64url_encode(agent.reference + agent.salt)


def read_agent(text: str) -> Agent:
    """Read the header of an agent in its one form; raises EncodingError."""
    raw = b64url_decode(text, length=AGENT_BYTES + AGENT_SALT_BYTES)
    return Agent(reference=raw[:AGENT_BYTES], salt=raw[AGENT_BYTES:])
