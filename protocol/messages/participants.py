"""Participants, their roles and their signing keys."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Annotated, Final

from protocol.codes import Role
from protocol.wire.fields import KeyId, Octets32, ParticipantId
from protocol.wire.kinds import Items, PlainText, Whole

MAX_PAGE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class NewParticipant:
    """A participant with its first key; ``contact`` is where a debtor pays or disputes."""

    participant_id: ParticipantId
    name: Annotated[str, PlainText(most=200)]
    roles: Annotated[tuple[Role, ...], Items(least=1, most=len(Role))]
    contact: Annotated[str, PlainText(most=500)] | None = None
    key_id: KeyId
    public_key: Octets32 = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A further Ed25519 public key."""

    key_id: KeyId
    public_key: Octets32 = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantKey:
    """A signing key; ``revoked_at`` is null while it is good."""

    key_id: KeyId
    public_key: Octets32 = field(repr=False)
    added_at: dt.datetime
    revoked_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A participant as every other one sees it."""

    participant_id: ParticipantId
    name: Annotated[str, PlainText(most=200)]
    roles: Annotated[tuple[Role, ...], Items(least=1, most=len(Role))]
    contact: Annotated[str, PlainText(most=500)] | None
    created_at: dt.datetime
    left_at: dt.datetime | None
    keys: Annotated[tuple[ParticipantKey, ...], Items(least=0, most=10000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageQuery:
    """The id after which a page begins, and the page's length."""

    after: ParticipantId | None = None
    limit: Annotated[int, Whole(least=1, most=MAX_PAGE)] = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantPage:
    """A page of participants; ``next`` is the ``after`` of the next page, null on the last one."""

    participants: Annotated[tuple[Participant, ...], Items(least=0, most=MAX_PAGE)]
    next: ParticipantId | None
