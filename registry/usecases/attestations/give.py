"""Judge attestations beside what is held of their subjects, and keep those that stand."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from protocol.attestations import MOST_AGE_DAYS, AttestationVerdict
from protocol.beijing import beijing_date
from protocol.messages.activations import RowFault
from protocol.messages.attestations import AttestationConsent, AttestationRow, AttestationRowVerdict
from protocol.messages.grades import AttestationTerms
from protocol.problems import FieldCode
from registry.domain.attestations import Attestation, AttestationDemand, contradicts, ends_on, mark_of
from registry.domain.log import LogEntry
from registry.policy.rules import context_terms
from registry.usecases.act import Act
from registry.usecases.attestations.demands import answer_entry
from registry.usecases.attestations.shared import given_entry, terms_of
from registry.usecases.heads import hold_subjects
from registry.usecases.pseudonyms import Pseudonyms

_DAY: Final = dt.timedelta(days=1)
_Account = tuple[bytes, bytes]
"""A subject's key and an account's reference, at the carrier that attests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRow:
    """A row with the pseudonym that its token leads to."""

    row: AttestationRow
    names: Pseudonyms = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Consented:
    """A row that its consent and its dates allow, for what is held of its subject to decide."""

    named: NamedRow
    consent: AttestationConsent
    until: dt.date


def give(act: Act, rows: Sequence[NamedRow]) -> list[AttestationRowVerdict]:
    """Judge rows in their order, each beside those before it, and keep what stands; a refused one stops nothing.

    Only subjects of rows that may stand by themselves are looked up, and given a key where they have none.
    """
    terms = terms_of(act.rules)
    if terms is None:
        return [_verdict(each.row, AttestationVerdict.ATT_NOT_ALLOWED) for each in rows]
    judged = [_by_itself(act, terms, each) for each in rows]
    held = _Held(act, [each for each in judged if isinstance(each, _Consented)], terms)
    verdicts = [held.judge(each) if isinstance(each, _Consented) else each for each in judged]
    held.keep()
    return verdicts


def _by_itself(act: Act, terms: AttestationTerms, named: NamedRow) -> _Consented | AttestationRowVerdict:
    """Judge what no other row and no stored one can change."""
    row, consent = named.row, named.row.consent
    if row.as_of > act.today:
        return _faulty(row, FieldCode.IN_THE_FUTURE)
    # One that is over already would be deleted before anybody reads it.
    if act.today - row.as_of >= min(MOST_AGE_DAYS * _DAY + _DAY, terms.most_days * _DAY):
        return _faulty(row, FieldCode.TOO_LONG_AGO)
    if consent is None or consent.given_at > act.now or consent.until <= act.today:
        return _verdict(row, AttestationVerdict.ATT_NO_CONSENT)
    if consent.text not in context_terms(act.rules).consent_texts:
        return _verdict(row, AttestationVerdict.ATT_NO_CONSENT)
    if consent.until > beijing_date(consent.given_at) + terms.most_days * _DAY:
        return _verdict(row, AttestationVerdict.ATT_CONSENT_TOO_LONG)
    return _Consented(named=named, consent=consent, until=ends_on(row.as_of, consent.until, terms.most_days))


class _Held:
    """Keep the attestations of one call's subjects: they are read once, and each row is judged beside those before."""

    def __init__(self, act: Act, rows: Sequence[_Consented], terms: AttestationTerms) -> None:
        self._act = act
        self._ending = terms.ending_days * _DAY
        names = [each.named.names for each in rows]
        people = act.tx.people.look({each.index_key for each in names})
        self._keys = hold_subjects(act, names, people).keys if names else {}
        subjects = frozenset(self._keys.values())
        marks = {self._mark(each) for each in rows}
        self._marked: Collection[bytes] = act.tx.attestations.marked(subjects, marks) if rows else ()
        self._records = act.tx.records.of_subjects(subjects) if rows else {}
        mine = [each for each in act.tx.attestations.of_subjects(subjects) if each.participant_id == act.actor_id]
        self._stored = {(each.subject_key, each.account_ref): each for each in mine}
        self._open = {
            each.subject_key: each
            for each in act.tx.attestations.demands_of(subjects)
            if each.participant_id == act.actor_id and each.is_open
        }
        self._now: dict[_Account, Attestation] = dict(self._stored)
        self._entries: list[LogEntry] = []
        self._answered: list[AttestationDemand] = []

    def judge(self, each: _Consented) -> AttestationRowVerdict:
        """Judge one row beside the attestation that is held on its account."""
        row, key = each.named.row, self._key(each)
        if self._mark(each) in self._marked:
            return _verdict(row, AttestationVerdict.ATT_NO_CONSENT)
        if any(
            record.creditor_id == self._act.actor_id and contradicts(record, as_of=row.as_of, band=row.band)
            for record in self._records.get(key, ())
        ):
            return _verdict(row, AttestationVerdict.ATT_CONTRADICTED)
        before = self._now.get((key, row.account_ref))
        if before is not None and before.says(row, each.consent):
            return _verdict(row, AttestationVerdict.DUPLICATE, before)
        if before is not None and row.as_of < before.as_of:
            return _faulty(row, FieldCode.OUT_OF_ORDER)
        new = self._attestation(each, key)
        self._entries.append(given_entry(self._act, new, before))
        self._now[key, row.account_ref] = new
        self._answer_demand(key)
        verdict = AttestationVerdict.ACCEPTED if before is None else AttestationVerdict.REPLACED
        return _verdict(row, verdict, new)

    def keep(self) -> None:
        """Write the entries, and then the rows that name them."""
        fresh = [each for place, each in self._now.items() if self._stored.get(place) is not each]
        if not fresh:
            return
        tx = self._act.tx
        tx.openings.append(self._entries)
        tx.attestations.remove(
            [self._stored[place] for place in self._stored if self._now[place] is not self._stored[place]]
        )
        tx.attestations.add(fresh)
        tx.attestations.answer(self._answered)
        tx.idle_subjects.look_again({each.subject_key: each.until for each in fresh})

    def _attestation(self, each: _Consented, key: bytes) -> Attestation:
        row, consent, entry_id = each.named.row, each.consent, self._act.new_id()
        return Attestation(
            subject_key=key,
            participant_id=self._act.actor_id,
            account_ref=row.account_ref,
            attestation_id=entry_id,
            band=row.band,
            as_of=row.as_of,
            until=each.until,
            ending_on=each.until - self._ending,
            consent_ref=consent.consent_ref,
            consent_text=consent.text,
            consent_method=consent.method,
            consent_given_at=consent.given_at,
            consent_ends=consent.until,
            document_digest=consent.document_sha256,
            told_at=self._act.now,
            log_entry_id=entry_id,
        )

    def _answer_demand(self, key: bytes) -> None:
        demand = self._open.pop(key, None)
        if demand is not None:
            answered = demand.answered(None, at=self._act.now, on=self._act.today, log_entry_id=self._act.new_id())
            self._entries.append(answer_entry(self._act, answered))
            self._answered.append(answered)

    def _key(self, each: _Consented) -> bytes:
        return self._keys[each.named.names.index_key]

    def _mark(self, each: _Consented) -> bytes:
        return mark_of(self._key(each), self._act.actor_id, each.consent.consent_ref)


def _verdict(
    row: AttestationRow, verdict: AttestationVerdict, held: Attestation | None = None
) -> AttestationRowVerdict:
    return AttestationRowVerdict(
        row_id=row.row_id,
        verdict=verdict,
        attestation_id=None if held is None else held.attestation_id,
        until=None if held is None else held.until,
    )


def _faulty(row: AttestationRow, code: FieldCode) -> AttestationRowVerdict:
    """Refuse a row for its day."""
    fault = RowFault(field="as_of", code=code.value)
    return AttestationRowVerdict(row_id=row.row_id, verdict=AttestationVerdict.REJ_MALFORMED_ROW, errors=(fault,))
