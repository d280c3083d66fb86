"""Keep a custodian's tally of a past day in the log."""

import datetime as dt
import hashlib
from typing import Any

from protocol.encodings import b64url_decode
from protocol.log_entries import EntryKind
from protocol.messages import tallies as messages
from protocol.messages.tallies import TALLY_DAYS, TALLY_TYPE, EvaluationTally, TallyInvalid, read_tally
from protocol.problems import FieldCode, Problem, Refusal
from registry.domain.epochs import KeyEpoch
from registry.domain.participants import Actor
from registry.domain.tallies import KeptTally
from registry.usecases.act import Act
from registry.usecases.ceremonies.keep import committee_of
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.signed_word import signed_payload


def keep_tally(registry: Registry, actor: Actor, call: IdempotentCall, statement: str) -> Outcome:
    """Log and keep a tally (201); the same one again is answered with the kept one (200).

    Raises Refusal: STATEMENT_INVALID (not the actor's own word, or no tally), INVALID_FIELD (the day is not over or
    too long ago, no such share), EPOCH_UNKNOWN, ALREADY_EXISTS (another tally of this day and epoch is kept).
    """

    def work(act: Act) -> tuple[int, messages.Tally]:
        tally = _checked(act, statement)
        known = act.tx.tallies.find(act.actor_id, tally.day, tally.epoch)
        if known is None:
            return 201, tally_message(_keep(act, tally, statement))
        if stated(known) != tally:
            raise Refusal(Problem.ALREADY_EXISTS)
        return 200, tally_message(known)

    return answer_once(registry, actor, call, work)


def stated(kept: KeptTally) -> EvaluationTally:
    """Read a kept statement; its signature was verified when it came in."""
    return read_tally(b64url_decode(kept.statement.split(".")[1]))


def tally_message(kept: KeptTally) -> messages.Tally:
    """Build the answer to the custodian; ``log_entry_id`` is the id to ask a receipt by."""
    return messages.Tally(**_members(kept))


def signed_tally_message(kept: KeptTally) -> messages.SignedTally:
    """Build the message of a tally with its custodian's signed statement."""
    return messages.SignedTally(**_members(kept), statement=kept.statement)


def _members(kept: KeptTally) -> dict[str, Any]:
    tally = stated(kept)
    carriers = sorted(tally.carriers.items())
    return {
        "custodian": kept.participant_id,
        "day": kept.day,
        "epoch": kept.epoch,
        "share_index": tally.share_index,
        "carriers": tuple(messages.CarrierTally(carrier=name, elements=count) for name, count in carriers),
        "total": kept.total,
        "received_at": kept.received_at,
        "log_entry_id": kept.log_entry_id,
    }


def _checked(act: Act, statement: str) -> EvaluationTally:
    try:
        tally = read_tally(signed_payload(act, statement, typ=TALLY_TYPE))
    except TallyInvalid:
        raise Refusal(Problem.STATEMENT_INVALID) from None
    if tally.custodian != act.actor_id:
        raise Refusal(Problem.STATEMENT_INVALID)
    today = act.now.astimezone(dt.UTC).date()
    if tally.day >= today:
        raise Refusal(Problem.INVALID_FIELD, fields={"statement": FieldCode.DAY_NOT_OVER})
    if tally.day < today - dt.timedelta(days=TALLY_DAYS):
        raise Refusal(Problem.INVALID_FIELD, fields={"statement": FieldCode.DAY_TOO_LONG_AGO})
    epoch = act.tx.epochs.get(tally.epoch)
    if epoch is None:
        raise Refusal(Problem.EPOCH_UNKNOWN)
    if not _has_share(act, epoch, tally):
        raise Refusal(Problem.INVALID_FIELD, fields={"statement": FieldCode.NO_SUCH_SHARE})
    return tally


def _has_share(act: Act, epoch: KeyEpoch, tally: EvaluationTally) -> bool:
    """Tell whether the custodian held this share in any committee of the epoch: a day may be one of a former one.

    Of a key that was dealt the log has the number of shares only.
    """
    committees = act.tx.ceremonies.of_epoch(epoch.epoch)
    seats = {(each.custodian, each.index) for kept in committees for each in committee_of(kept).members}
    return (tally.custodian, tally.share_index) in seats if seats else tally.share_index <= epoch.custodians


def _keep(act: Act, tally: EvaluationTally, statement: str) -> KeptTally:
    """Write the entry first: no row exists without its entry."""
    entry_id = act.new_id()
    kept = KeptTally(
        participant_id=act.actor_id,
        day=tally.day,
        epoch=tally.epoch,
        total=tally.total,
        statement=statement,
        received_at=act.now,
        log_entry_id=entry_id,
    )
    act.log(
        EntryKind.EVALUATION_TALLY,
        entry_id,
        {
            "day": tally.day.isoformat(),
            "epoch": tally.epoch,
            "share": tally.share_index,
            "total": tally.total,
            "carriers": len(tally.carriers),
            "statement": hashlib.sha256(statement.encode("ascii")).hexdigest(),
        },
    )
    act.tx.tallies.add(kept)
    return kept
