"""One round of a witness: the candidate extends the last head, which is on the disk before anything is signed.

A crash between storing and signing leaves nothing cosigned, and the same head is cosigned again; the other way round a
witness could forget what it signed, and sign a fork.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from auditlog.errors import LogForked, LogRefused, LogUnreachable
from auditlog.follow import follow
from auditlog.heads import HeadKeeper
from auditlog.names import refusing
from auditlog.reader import LogReader
from client.errors import ClientError, RegistryAnswerBroken, RegistryRefused, RegistryUnreachable
from crypto.tlog.checkpoint import parse_signed_checkpoint
from crypto.tlog.cosignature import cosign
from crypto.tlog.keys import SignatureKind, VerifierKey
from crypto.tlog.note import Note
from protocol.messages.log import Cosigned

_CONFLICT: Final = 409
_OUT_OF_REACH: Final = (LogUnreachable, RegistryUnreachable)
_DAY: Final = dt.timedelta(days=1)
_YEARS_BACK: Final = 25
"""No log is older than that; where there is none, asking costs one short answer an hour."""


class Outcome(StrEnum):
    """The outcome of a round."""

    COSIGNED = "cosigned"
    NO_LOG = "no-log"
    """This year has no log, or asks for no cosignature."""
    BEHIND = "behind"
    """The candidate is smaller than a head that was cosigned before; it fits, and is not cosigned again."""
    HEAD_UNKNOWN = "head-unknown"
    """The registry has moved on to another candidate; the next round gets that."""
    SETTLED = "settled"
    """The candidate of a year that is over has this witness's line already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A witness's name and its key, which signs cosignatures and nothing else."""

    name: str
    private_key: Ed25519PrivateKey = field(repr=False)

    @property
    def key(self) -> VerifierKey:
        """The vkey of the witness, for the registry and the readers of policies."""
        public_key = self.private_key.public_key().public_bytes_raw()
        return VerifierKey(name=self.name, kind=SignatureKind.COSIGNATURE, public_key=public_key)


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
    send: Callable[[bytes], Cosigned],
    now: dt.datetime,
    is_over: bool = False,
) -> Round:
    """Cosign the candidate if it fits both what was read and what was cosigned; raises LogForked, LogRefused.

    The candidate of a past year is cosigned once; that of the present year again and again, with the present time.
    """
    raw = reader.candidate()
    if raw is None:
        return Round(outcome=Outcome.NO_LOG)
    if is_over and _is_settled(raw, witness, cosigned):
        return Round(outcome=Outcome.SETTLED)
    follow(raw, reader=reader, keeper=heads)
    followed = follow(raw, reader=reader, keeper=cosigned)
    checkpoint = followed.offered.checkpoint
    # Of two processes under one key the slower one must not sign a smaller head than the other has signed meanwhile.
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
    if answer.size != checkpoint.size:
        raise LogRefused("answer-unusable", "the registry's word on a cosignature is about another head")
    return Round(outcome=Outcome.COSIGNED, size=checkpoint.size, quorum=answer.quorum)


def each_year(
    years: Sequence[int], one_year: Callable[[int], Round]
) -> tuple[list[tuple[int, Round]], list[ClientError]]:
    """Run a round over the logs of several years and collect the failures: one year's failure does not stop the others.

    An unreachable registry ends the round, since it is so for all years.
    """
    rounds, troubles = [], list[ClientError]()
    for year in years:
        try:
            rounds.append((year, one_year(year)))
        except _OUT_OF_REACH as trouble:
            troubles.append(trouble)
            break
        except (LogForked, LogRefused, RegistryRefused, RegistryAnswerBroken) as trouble:
            troubles.append(trouble)
    return rounds, troubles


def is_out_of_reach(troubles: Sequence[ClientError]) -> bool:
    """Tell whether the failure makes every further request useless now."""
    return any(isinstance(each, _OUT_OF_REACH) for each in troubles)


def needs_a_person(trouble: ClientError) -> bool:
    """Tell whether no later round can mend the failure: a fork, or unusable files of the witness itself.

    Any other may pass by the next round: a registry that restarts, a head that was spoilt on the way, a witness
    that is not admitted yet.
    """
    return isinstance(trouble, LogForked) or (isinstance(trouble, LogRefused) and trouble.code == "state-foreign")


def keep_witnessing(
    one_round: Callable[[], tuple[list[tuple[int, Round]], list[ClientError]]],
    *,
    interval: float,
    sleep: Callable[[float], None],
) -> Iterator[list[tuple[int, Round]] | str]:
    """Run rounds for ever and yield each one's outcomes and failures; raises a failure that only a person can mend."""
    while True:
        rounds, troubles = one_round()
        if rounds:
            yield rounds
        for trouble in troubles:
            if needs_a_person(trouble):
                raise trouble
        yield from map(str, troubles)
        sleep(interval)


def years_to_witness(now: dt.datetime) -> tuple[int, ...]:
    """Return the years to witness in every round: this one, and around New Year those on both sides of it.

    The clocks of the witness and of the registry may differ by a day, and last year's log grows on into January.
    """
    before = (now.year - 1,) if now.month == 1 else ()
    after = ((now + _DAY).year,) if (now + _DAY).year != now.year else ()
    return (now.year, *before, *after)


def years_over(now: dt.datetime) -> tuple[int, ...]:
    """Return the past years, newest first: after an outage at New Year a year's last entries are witnessed later."""
    near = years_to_witness(now)
    return tuple(year for year in range(now.year - 1, now.year - 1 - _YEARS_BACK, -1) if year not in near)


def _is_settled(raw: bytes, witness: Witness, cosigned: HeadKeeper) -> bool:
    """Tell whether a candidate is no larger than the cosigned head, and has this witness's line if it is as large.

    A witness that crashed before it sent its line has stored the head, and the line is missing.
    """
    with refusing("the checkpoint"):
        offered = parse_signed_checkpoint(raw)
    held = cosigned.held()
    if held is None or offered.checkpoint.size > held.checkpoint.size:
        return False
    return offered.checkpoint.size < held.checkpoint.size or offered.note.signature_of(witness.key) is not None
