"""Mark the victim of an identity theft, and renew the marker at any counter where the victim asks for it."""

from protocol.log_entries import EntryKind
from protocol.messages import disputes as messages
from protocol.messages.tokens import SubjectTokens
from protocol.problems import Problem, Refusal
from registry.domain.disputes import VictimMarker, marked
from registry.domain.months import months_on
from registry.domain.participants import Actor
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.pseudonyms import pseudonyms


def mark_victim(act: Act, subject_key: bytes) -> VictimMarker:
    """Write a marker from today on; the subject row exists, since a record of the subject was listed."""
    marker_id = act.new_id()
    marker = VictimMarker(
        subject_key=subject_key,
        marker_id=marker_id,
        set_by=act.actor_id,
        set_at=act.now,
        until=months_on(act.today, act.rules.victim_marker_months),
        log_entry_id=marker_id,
    )
    act.log(
        EntryKind.VICTIM_MARKED,
        marker_id,
        {"rules": act.rules.version},
        subject_key=subject_key,
        personal={"subject": subject_key.hex(), "until": marker.until.isoformat()},
    )
    act.tx.victim_markers.add(marker)
    return marker


def renew_victim_marker(registry: Registry, actor: Actor, call: IdempotentCall, tokens: SubjectTokens) -> Outcome:
    """Write a further marker from today on; raises Refusal NOT_FOUND (none is in force), EPOCH_UNKNOWN, BAD_ELEMENT.

    Only an adjudicator's decision begins a marker: a counter can renew one and make none.
    """
    names = pseudonyms(registry, tokens)

    def work(act: Act) -> tuple[int, object]:
        subject_key = act.key_of(names)
        act.tx.subjects.lock((subject_key,))
        if not marked(act.tx.victim_markers.of_subjects((subject_key,)).get(subject_key, ()), act.today):
            raise Refusal(Problem.NOT_FOUND)
        return 201, messages.VictimMarker(until=mark_victim(act, subject_key).until)

    return answer_once(registry, actor, call, work, names=(names,))
