"""Admit and remove the witnesses of the log, and state the quorum of them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from crypto.errors import BadKey, TlogRefused
from crypto.tlog.keys import SignatureKind, VerifierKey
from crypto.tlog.policy import Policy
from crypto.tlog.quorum import Quorum
from protocol.log_entries import EntryKind
from protocol.messages import log as messages
from protocol.messages.log import MAX_WITNESSES, MAX_WITNESSES_EVER
from protocol.problems import FieldCode, Problem, Refusal
from registry.domain.addresses import UrlRefused, check_url
from registry.domain.log import Witness
from registry.domain.participants import Actor
from registry.policy.quorum import faults_of, threshold_of
from registry.store.transactions import Transaction
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, LogIdentity, Outcome, Registry
from registry.usecases.idempotency import answer_once

_NO_SEGMENTS: Final = frozenset({"", ".", ".."})
"""Characters that a path loses on its way: a witness with such a name could not be removed."""


def admit_witness(
    registry: Registry,
    actor: Actor,
    call: IdempotentCall,
    new: messages.NewWitness,
    *,
    most_counted: int = MAX_WITNESSES,
    most_ever: int = MAX_WITNESSES_EVER,
) -> Outcome:
    """Count a participant's cosignatures from now on, and feed it at its URL where it has one.

    Raises Refusal INVALID_FIELD (an unusable name, key or URL), NOT_FOUND or ALREADY_EXISTS: a name or a key that was
    removed is never admitted again, since the thief of a stolen key would cosign as before.
    """
    if new.url is not None:
        try:
            check_url(new.url, private_allowed=registry.private_webhooks)
        except UrlRefused as refused:
            raise Refusal(Problem.INVALID_FIELD, fields={"url": refused.code}) from None
    _check_key(registry.log, new.name, new.public_key)

    def work(act: Act) -> tuple[int, messages.Witness]:
        # Lock the participant, so that it cannot exit while its witness is added.
        participant = act.tx.participants.keep(new.participant_id)
        if participant is None or participant.left_at is not None:
            raise Refusal(Problem.NOT_FOUND)
        known = act.tx.witnesses.all()
        counted = [each for each in known if each.removed_at is None]
        if len(counted) >= most_counted or len(known) >= most_ever:
            raise Refusal(Problem.INVALID_FIELD, detail="There are as many witnesses as a note has room for.")
        witness = Witness(
            name=new.name,
            participant_id=new.participant_id,
            public_key=new.public_key,
            url=new.url,
            added_at=act.now,
            removed_at=None,
            log_entry_id=act.new_id(),
        )
        act.log(EntryKind.WITNESS_ADDED, witness.log_entry_id, _facts(witness))
        if not act.tx.witnesses.add(witness):
            raise Refusal(Problem.ALREADY_EXISTS)
        return 201, _witness_message(witness)

    return answer_once(registry, actor, call, work)


def remove_witness(registry: Registry, actor: Actor, call: IdempotentCall, name: str) -> Outcome:
    """Remove a witness for ever; a repetition changes nothing. Raises Refusal NOT_FOUND."""

    def work(act: Act) -> tuple[int, messages.Witness]:
        witness = act.tx.witnesses.hold(name)
        if witness is None:
            raise Refusal(Problem.NOT_FOUND)
        return 200, _witness_message(_remove(act, witness))

    return answer_once(registry, actor, call, work)


def remove_witnesses_of(act: Act, participant_id: str) -> None:
    """Remove a participant's witnesses; the caller holds its row lock, so that no other witness is admitted."""
    for each in act.tx.witnesses.admitted():
        if each.participant_id == participant_id and (witness := act.tx.witnesses.hold(each.name)) is not None:
            _remove(act, witness)


def list_witnesses(registry: Registry, actor: Actor) -> messages.WitnessList:
    """List all witnesses by name, removed ones included, for the operator."""
    del actor  # the route has checked its role
    known = registry.store.read(lambda tx: tx.witnesses.all())
    return messages.WitnessList(witnesses=tuple(map(_witness_message, known)))


def read_policy(registry: Registry, year: int) -> bytes:
    """Write the log's keys, witnesses and quorum as a c2sp.org/tlog-policy file; raises Refusal NOT_FOUND."""

    def work(tx: Transaction) -> Quorum | None:
        return None if tx.trees.head(year) is None else quorum_in(tx)

    quorum = registry.store.read(work)
    if quorum is None:
        raise Refusal(Problem.NOT_FOUND)
    return Policy(logs=(registry.log.key(year),), quorum=quorum).encode()


def quorum_in(tx: Transaction) -> Quorum | None:
    """Return the quorum of the admitted witnesses; None while there is no witness."""
    witnesses = tx.witnesses.admitted()
    return _quorum([verifier(each) for each in witnesses]) if witnesses else None


def verifier(witness: Witness) -> VerifierKey:
    """Return the verifier key of a witness, as readers configure it."""
    return VerifierKey(name=witness.name, kind=SignatureKind.COSIGNATURE, public_key=witness.public_key)


def _remove(act: Act, witness: Witness) -> Witness:
    """Remove a locked witness; one that was removed before stays as it is."""
    if witness.removed_at is not None:
        return witness
    removed = replace(witness, removed_at=act.now, log_entry_id=act.new_id())
    act.log(EntryKind.WITNESS_REMOVED, removed.log_entry_id, _facts(removed))
    act.tx.witnesses.remove(removed.name, act.now, removed.log_entry_id)
    return removed


def _facts(witness: Witness) -> dict[str, str]:
    return {"participant": witness.participant_id, "name": witness.name, "public_key": witness.public_key.hex()}


def _quorum(keys: Sequence[VerifierKey]) -> Quorum:
    count = len(keys)
    return Quorum(witnesses=tuple(keys), threshold=threshold_of(count), faults=faults_of(count))


def _check_key(log: LogIdentity, name: str, public_key: bytes) -> None:
    """Refuse a witness with which readers would refuse the log's policy, or whose name fits no path."""
    if not _NO_SEGMENTS.isdisjoint(name.split("/")):
        raise Refusal(Problem.INVALID_FIELD, fields={"name": FieldCode.INVALID})
    try:
        key = VerifierKey(name=name, kind=SignatureKind.COSIGNATURE, public_key=public_key)
        Policy(logs=(log.key(0),), quorum=_quorum([key]))
    except BadKey:
        raise Refusal(Problem.INVALID_FIELD, fields={"public_key": FieldCode.INVALID}) from None
    except TlogRefused:
        field = "public_key" if public_key == log.public_key else "name"
        raise Refusal(Problem.INVALID_FIELD, fields={field: FieldCode.INVALID}) from None


def _witness_message(witness: Witness) -> messages.Witness:
    return messages.Witness(
        participant_id=witness.participant_id,
        name=witness.name,
        public_key=witness.public_key,
        vkey=verifier(witness).vkey,
        url=witness.url,
        added_at=witness.added_at,
        removed_at=witness.removed_at,
    )
