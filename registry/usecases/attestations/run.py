"""End attestations on their day and tell their attesters before; drop marks and demands whose time is over."""

from protocol.attestations import AttestationState
from protocol.events import EventKind
from registry.domain.attestations import Attestation
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.attestations.shared import end
from registry.usecases.context import Registry
from registry.usecases.notify import Notice, tell


def end_attestations(registry: Registry, limit: int = 500) -> int:
    """End up to ``limit`` attestations whose day has come, and drop as many marks and demands; returns their number.

    Safe to repeat and to run twice at once: what is due is read again under the subjects' locks.
    """

    def work(tx: Transaction) -> int:
        act = act_in(registry, tx, None)
        over = [each for each in _locked(act, tx.attestations.over(act.today, limit)) if not each.counts_on(act.today)]
        end(act, over, AttestationState.EXPIRED)
        idle = tx.attestations.drop_ended(act.today, limit)
        tx.idle_subjects.look_again(dict.fromkeys(sorted(idle), act.today))
        return len(over) + len(idle)

    return registry.store.write(work)


def tell_endings(registry: Registry, limit: int = 500) -> int:
    """Tell the attesters of up to ``limit`` attestations that they end soon, each once; returns their number."""

    def work(tx: Transaction) -> int:
        act = act_in(registry, tx, None)
        due = [
            each
            for each in _locked(act, tx.attestations.ending(act.today, limit))
            if each.ending_on is not None and each.ending_on <= act.today
        ]
        tell(act, [_notice(each) for each in due if each.counts_on(act.today)])
        tx.attestations.told([each.told_of_end() for each in due])
        return len(due)

    return registry.store.write(work)


def _locked(act: Act, due: tuple[Attestation, ...]) -> list[Attestation]:
    keys = act.tx.subjects.lock({each.subject_key for each in due})
    names = {each.attestation_id for each in due}
    return [each for each in act.tx.attestations.of_subjects(keys) if each.attestation_id in names]


def _notice(each: Attestation) -> Notice:
    return Notice(
        recipient=each.participant_id,
        kind=EventKind.ATTESTATION_ENDING,
        facts={"attestation": str(each.attestation_id), "until": each.until.isoformat()},
    )
