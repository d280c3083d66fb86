"""End a consent at any counter, or an attestation by its attester: rows and personal parts go in one transaction."""

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from protocol.attestations import AttestationState
from protocol.events import EventKind
from protocol.log_entries import EntryKind
from protocol.messages.attestations import ConsentWithdrawal, EndedAttestation, WithdrawnConsents
from protocol.problems import FieldCode, Problem, Refusal
from registry.domain.attestations import Attestation, WithdrawnConsent, mark_of
from registry.domain.participants import Actor
from registry.usecases.act import Act
from registry.usecases.archive.erasing import erase
from registry.usecases.attestations.shared import GIVEN_KINDS, end
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.notify import Notice, tell
from registry.usecases.pseudonyms import pseudonyms


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """An attestation as the personal part of its entry tells it, whether it counts still or not."""

    subject_key: bytes = field(repr=False)
    entry_id: uuid.UUID
    participant_id: str
    account_ref: bytes = field(repr=False)
    consent_ref: bytes = field(repr=False)
    consent_ends: dt.date

    @property
    def account(self) -> tuple[str, bytes]:
        """The account that it speaks of, with its carrier."""
        return self.participant_id, self.account_ref


def withdraw_consent(registry: Registry, actor: Actor, call: IdempotentCall, word: ConsentWithdrawal) -> Outcome:
    """End the consent that the subject names, or all of its consents, and erase what was told under them.

    The answer for somebody of whom nothing is held is the same, and leaves nothing. Raises Refusal EPOCH_UNKNOWN,
    BAD_ELEMENT or INVALID_FIELD (a household's token; not exactly one of a consent and all).
    """
    if word.tokens.household_register is not None or word.tokens.household_address is not None:
        raise Refusal(Problem.INVALID_FIELD, fields={"tokens": FieldCode.HAS_A_HOUSEHOLD})
    if word.all is (word.consent_ref is not None):
        raise Refusal(Problem.INVALID_FIELD, fields={"consent_ref": FieldCode.INVALID})
    names = pseudonyms(registry, word.tokens)

    def work(act: Act) -> tuple[int, object]:
        subject_key = act.key_of(names)
        act.tx.subjects.lock((subject_key,))
        told = _told(act, subject_key)
        held = act.tx.attestations.of_subjects((subject_key,))
        rows = [each for each in held if word.all or each.consent_ref == word.consent_ref]
        meant = [each for each in told if word.all or each.consent_ref == word.consent_ref]
        if meant:
            _mark(act, subject_key, meant, len(rows))
            staying = {each.account for each in held if each not in rows}
            gone = {each.account for each in rows} | {each.account for each in meant} - staying
            _end(act, rows, [each for each in told if each in meant or each.account in gone])
            _tell(act, meant)
        return 200, WithdrawnConsents(attestations=len(rows), withdrawn_at=act.now)

    return answer_once(registry, actor, call, work, names=(names,))


def withdraw_attestation(registry: Registry, actor: Actor, call: IdempotentCall, attestation_id: uuid.UUID) -> Outcome:
    """Take an attestation back as its attester, who may attest again; raises Refusal NOT_FOUND, also for one over."""

    def work(act: Act) -> tuple[int, object]:
        act.tx.subjects.lock({_own(act, attestation_id).subject_key})
        # Read again under the lock: the subject may have ended the consent meanwhile.
        row = _own(act, attestation_id)
        _end(act, [row], [each for each in _told(act, row.subject_key) if each.account == row.account])
        return 200, EndedAttestation(attestation_id=attestation_id, state=AttestationState.WITHDRAWN)

    return answer_once(registry, actor, call, work)


def _told(act: Act, subject_key: bytes) -> list[_Told]:
    """Read every attestation of which the log still has the personal part, the oldest first."""
    tx = act.tx
    ids = [each for kind in GIVEN_KINDS for each in tx.personal.of_kind(subject_key, kind)]
    found = []
    for entry_id, entry in sorted(tx.openings.find_many(ids).items()):
        personal = json.loads(entry.personal or b"{}")
        found.append(
            _Told(
                subject_key=subject_key,
                entry_id=entry_id,
                participant_id=entry.participant_id,
                account_ref=bytes.fromhex(personal["account"]),
                consent_ref=bytes.fromhex(personal["consent"]),
                consent_ends=dt.date.fromisoformat(personal["consent_until"]),
            )
        )
    return found


def _end(act: Act, rows: Sequence[Attestation], told: Sequence[_Told]) -> None:
    """Delete the rows, and erase what the log has of them and of earlier ones on the same accounts."""
    end(act, rows, AttestationState.WITHDRAWN)
    openings = [(each.subject_key, each.entry_id) for each in told]
    erase(act, openings, {"attestations": len(openings)})


def _mark(act: Act, subject_key: bytes, meant: Sequence[_Told], ended: int) -> None:
    """Log the withdrawal, and remember the consents by their marks until they would have ended by themselves."""
    entry_id = act.new_id()
    act.log(
        EntryKind.CONSENT_WITHDRAWN,
        entry_id,
        {"attestations": ended, "rules": act.rules.version},
        subject_key=subject_key,
    )
    ends: dict[bytes, dt.date] = {}
    for each in meant:
        mark = mark_of(subject_key, each.participant_id, each.consent_ref)
        ends[mark] = max(each.consent_ends, ends.get(mark, dt.date.min))
    act.tx.attestations.mark(
        [
            WithdrawnConsent(subject_key=subject_key, mark=mark, until=until, log_entry_id=entry_id)
            for mark, until in ends.items()
            if until > act.today
        ]
    )


def _tell(act: Act, meant: Sequence[_Told]) -> None:
    """Tell the attester of each consent once; the event names the newest attestation under it, and nothing else."""
    newest = {(each.participant_id, each.consent_ref): each for each in meant}
    tell(
        act,
        [
            Notice(
                recipient=each.participant_id,
                kind=EventKind.CONSENT_WITHDRAWN,
                facts={"attestation": str(each.entry_id)},
            )
            for each in newest.values()
        ],
    )


def _own(act: Act, attestation_id: uuid.UUID) -> Attestation:
    found = act.tx.attestations.find(attestation_id)
    if found is None or found.participant_id != act.actor_id:
        raise Refusal(Problem.NOT_FOUND)
    return found
