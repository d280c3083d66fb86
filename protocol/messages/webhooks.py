"""A participant's webhook, and the events that did not reach it."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Final

from protocol.messages.limits import MAX_POSITION
from protocol.names import MAX_URL, VISIBLE
from protocol.wire.fields import ParticipantId
from protocol.wire.kinds import Items, Text, Whole

MAX_ATTEMPTS: Final = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWebhook:
    """The URL of deliveries, and the position behind which they start; an earlier position is a replay."""

    url: Annotated[str, Text(VISIBLE, most=MAX_URL)]
    after: Annotated[int, Whole(least=0, most=MAX_POSITION)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """Events that could not be delivered; the feed still has them."""

    first_position: Annotated[int, Whole(least=1, most=MAX_POSITION)]
    last_position: Annotated[int, Whole(least=1, most=MAX_POSITION)]
    attempts: Annotated[int, Whole(least=1, most=MAX_ATTEMPTS)]
    reason: Annotated[str, Text("[a-z0-9-]+", most=32)]
    given_up_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A webhook and its progress; ``dead_letters`` are the newest first."""

    participant_id: ParticipantId
    url: Annotated[str, Text(VISIBLE, most=MAX_URL)]
    registered_at: dt.datetime
    position: Annotated[int, Whole(least=0, most=MAX_POSITION)]
    attempts: Annotated[int, Whole(least=0, most=MAX_ATTEMPTS)]
    next_attempt_at: dt.datetime
    dead_letters: Annotated[tuple[DeadLetter, ...], Items(least=0, most=100)]
