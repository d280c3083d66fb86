"""One round of a witness: the candidate extends the last head, which is on the disk before anything is signed.

Whoever dies between storing and signing has cosigned nothing and will cosign the same head again; the other way round a
witness could forget what it signed, and sign a fork.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.tlog.cosignature import cosign
from crypto.tlog.note import Note
from gateway.errors import (
    LogForked,
    LogRefused,
    LogUnreachable,
    RegistryAnswerBroken,
    RegistryRefused,
    RegistryUnreachable,
)
from gateway.log.following import follow
from gateway.log.heads import HeadKeeper
from gateway.log.reader import LogReader

_CONFLICT: Final = 409


class Outcome(StrEnum):
    """What came of a round."""

    COSIGNED = "cosigned"
    NO_LOG = "no-log"
    """This year has no log, or asks for no cosignature."""
    BEHIND = "behind"
    """The candidate is smaller than a head that was cosigned before; it fits, and is not cosigned again."""
    HEAD_UNKNOWN = "head-unknown"
    """The registry has moved on to another candidate; the next round gets that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A witness's name and its key, which signs cosignatures and nothing else."""

    name: str
    private_key: Ed25519PrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A round's outcome; ``quorum`` says whether the registry has enough cosignatures of this head."""

    outcome: Outcome
    size: int | None = None
    quorum: bool = False


def witness_round(
    witness: Witness,
    *,
    reader: LogReader,
    heads: HeadKeeper,
    cosigned: HeadKeeper,
    send: Callable[[bytes], dict[str, Any]],
    now: dt.datetime,
) -> Round:
    """Cosign the candidate if it fits both what was read and what was cosigned; raises LogForked, LogRefused."""
    raw = reader.candidate()
    if raw is None:
        return Round(outcome=Outcome.NO_LOG)
    follow(raw, reader=reader, keeper=heads)
    followed = follow(raw, reader=reader, keeper=cosigned)
    checkpoint = followed.offered.checkpoint
    # Of two processes under one key the slower one must not sign below what the other has signed meanwhile.
    with cosigned.unmoved(checkpoint) as is_largest:
        if not is_largest:
            return Round(outcome=Outcome.BEHIND, size=checkpoint.size)
        line = cosign(checkpoint, name=witness.name, private_key=witness.private_key, timestamp=int(now.timestamp()))
    try:
        answer = send(Note(text=followed.offered.note.text, signatures=(line,)).encode())
    except RegistryRefused as refused:
        if refused.status == _CONFLICT:
            return Round(outcome=Outcome.HEAD_UNKNOWN, size=checkpoint.size)
        raise
    if answer.get("size") != checkpoint.size or type(answer.get("quorum")) is not bool:
        raise LogRefused("answer-unusable", "the registry's word on a cosignature does not have the agreed form")
    return Round(outcome=Outcome.COSIGNED, size=checkpoint.size, quorum=answer["quorum"])


def keep_witnessing(
    one_round: Callable[[], list[tuple[int, Round]]], *, interval: float, sleep: Callable[[float], None]
) -> Iterator[list[tuple[int, Round]] | str]:
    """Round after round, each as what came of it or why nothing did; raises what only a person can mend.

    That is a fork, or files and settings of one's own that cannot be used. All else may be over in the next round: a
    registry that restarts, a head that somebody spoilt on the way, a witness that is not admitted yet.
    """
    while True:
        try:
            yield one_round()
        except LogForked:
            raise
        except LogRefused as refused:
            if refused.code == "state-foreign":
                raise
            yield str(refused)
        except (LogUnreachable, RegistryUnreachable, RegistryRefused, RegistryAnswerBroken) as trouble:
            yield str(trouble)
        sleep(interval)


def years_to_witness(now: dt.datetime) -> tuple[int, ...]:
    """The year's log, and through January that of the year before: its last head deserves a quorum too."""
    return (now.year, now.year - 1) if now.month == 1 else (now.year,)
