"""Keep a subject out of a household after a counter saw proof; from the next inquiry on neither weighs on the other."""

from protocol.log_entries import EntryKind
from protocol.messages.disassociations import NewRebuttal
from protocol.problems import FieldCode, Problem, Refusal
from registry.domain.disassociations import Rebuttal
from registry.domain.months import months_on
from registry.domain.participants import Actor
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.disassociations.shared import note_rebuttal, rebuttal_message
from registry.usecases.heads import hold_subjects
from registry.usecases.idempotency import answer_once
from registry.usecases.pseudonyms import Pseudonyms, household_row, pseudonyms


def rebut_household(registry: Registry, actor: Actor, call: IdempotentCall, filing: NewRebuttal) -> Outcome:
    """File a rebuttal of the one or two households that it names; filing it again renews it.

    Raises Refusal EPOCH_UNKNOWN, BAD_ELEMENT or INVALID_FIELD (no household is named).
    """
    names = pseudonyms(registry, filing.tokens)
    if not names.households:
        raise Refusal(Problem.INVALID_FIELD, fields={"tokens": FieldCode.HAS_NO_HOUSEHOLD})

    def work(act: Act) -> tuple[int, object]:
        rows = _rows(act, names, filing, _keep_tokens(act, names))
        note_rebuttal(act, EntryKind.HOUSEHOLD_REBUTTED, rows)
        act.tx.disassociations.add(rows)
        return 201, rebuttal_message(rows, act.today)

    return answer_once(registry, actor, call, work, names=(names,))


def _keep_tokens(act: Act, names: Pseudonyms) -> bytes:
    """Write the rows that keep the tokens sealed for a change of the key epoch, also where the subject owes nothing.

    Returns the subject's key.
    """
    subject_key = hold_subjects(act, (names,), act.people).keys[names.index_key]
    act.tx.idle_subjects.look_again({subject_key: months_on(act.today, act.rules.rebuttal_months)})
    known = act.tx.households.known(names.household_keys)
    missing = [household_row(act.registry, names, key, act.now) for key in names.household_keys if key not in known]
    act.tx.households.ensure(missing)
    return subject_key


def _rows(act: Act, names: Pseudonyms, filing: NewRebuttal, subject_key: bytes) -> list[Rebuttal]:
    rebuttal_id = act.new_id()
    return [
        Rebuttal(
            household_key=household_key,
            subject_key=subject_key,
            rebuttal_id=rebuttal_id,
            kind=kind,
            ground=filing.ground,
            evidence_digest=filing.evidence_digest,
            filed_by=act.actor_id,
            filed_at=act.now,
            until=months_on(act.today, act.rules.rebuttal_months),
            rules_version=act.rules.version,
            log_entry_id=rebuttal_id,
        )
        for kind, household_key in names.households
    ]
