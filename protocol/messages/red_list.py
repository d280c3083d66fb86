"""Organisations whose service is not held up by arrears."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from protocol.codes import RedListGround
from protocol.messages.limits import MAX_OVERSEEN
from protocol.messages.tokens import SubjectTokens
from protocol.states import RedListState
from protocol.wire.fields import ParticipantId, RulesName
from protocol.wire.kinds import Items, Whole

APPROVALS_NEEDED: Final = 2
"""Two different participants approve, neither of them the proposer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedListProposal:
    """An organisation for the red list; ``organisation`` is the sender's statement that it is one, and has to be true.

    ``expires_on`` is the first day on which the entry no longer holds.
    """

    tokens: SubjectTokens
    organisation: bool
    ground: RedListGround
    expires_on: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class RedListApproval:
    """One participant's consent."""

    participant_id: ParticipantId
    approved_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RedListEntry:
    """An entry of the red list with its state today; no pseudonym is in it."""

    entry_id: UUID
    state: RedListState
    ground: RedListGround
    proposed_by: ParticipantId
    proposed_at: dt.datetime
    expires_on: dt.date
    rules_version: RulesName
    approvals: Annotated[tuple[RedListApproval, ...], Items(least=0, most=APPROVALS_NEEDED)]
    revoked_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RedListQuery:
    """The state of the entries (all by default), the entry before the first, and their number."""

    state: RedListState | None = None
    after: UUID | None = None
    limit: Annotated[int, Whole(least=1, most=MAX_OVERSEEN)] = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RedListPage:
    """A page of entries; ``next`` is the ``after`` of the next page, null on the last one. A page may be short."""

    entries: Annotated[tuple[RedListEntry, ...], Items(least=0, most=MAX_OVERSEEN)]
    next: UUID | None
