"""Answers single inquiries that waited together in one transaction; each has its own answer, refusal and entry."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from protocol.messages.inquiries import InquiryRequest
from protocol.problems import Problem, Refusal
from registry.domain.incarnations import Standing
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.arrivals import Arrivals, let_in
from registry.usecases.context import IdempotentCall, Outcome, Registry, json_body
from registry.usecases.idempotency import answer_of, stored_answer
from registry.usecases.inquiries.answer import answer_one, keep_answers, wanted_of
from registry.usecases.inquiries.context import check_context
from registry.usecases.inquiries.known import Known
from registry.usecases.pseudonyms import Pseudonyms
from registry.usecases.together import LARGE_SECONDS, Alone

MOST_RECORDS: Final = 200
"""An inquiry in which more records weigh goes alone, and so does the next one about the same subject."""
_CREATED: Final = 201


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One inquiry that waits for its answer, with what does not need the database."""

    actor: Actor
    call: IdempotentCall
    request: InquiryRequest
    names: Pseudonyms
    stands: Standing


def answer_alone(registry: Registry, asked: Asked) -> Outcome:
    """Answer one inquiry, however many records weigh in it; it waits for who holds its subject.

    Raises its Refusal, and keeps nothing then.
    """

    def work(tx: Transaction) -> Outcome:
        (outcome,) = _Group(registry, tx, [asked]).answer()
        if isinstance(outcome, Outcome):
            return outcome
        raise outcome if isinstance(outcome, Exception) else TypeError("alone already")

    return registry.store.write(work)


def answer_group(
    registry: Registry, group: Sequence[Asked], *, most_records: int = MOST_RECORDS
) -> list[Outcome | Exception | Alone]:
    """Answer a group; an inquiry whose subject is held elsewhere, or in which many records weigh, goes alone.

    A database that does not answer refuses all of them: whether their commit arrived is not known, so that none of them
    may be tried again here.
    """
    try:
        return registry.store.write(lambda tx: _Group(registry, tx, group, most_records).answer())
    except Refusal as refusal:
        if refusal.problem is not Problem.UNAVAILABLE:
            raise
        return [refusal] * len(group)


class _Group:
    """The steps of one group; an inquiry that has its outcome takes no further part in them.

    ``most_records`` is None for who goes alone: no number of records and no lock of another's then send it away.
    """

    def __init__(
        self, registry: Registry, tx: Transaction, group: Sequence[Asked], most_records: int | None = None
    ) -> None:
        self._registry = registry
        self._tx = tx
        self._group = group
        self._most_records = most_records
        self._outcomes: dict[int, Outcome | Exception | Alone] = {}
        coming, names = [(each.actor, each.call) for each in group], [each.names for each in group]
        self._arrivals = Arrivals(registry, tx, coming, names, with_households=True)

    def answer(self) -> list[Outcome | Exception | Alone]:
        """Refuse what may not come in, answer what was answered before, and decide the rest by one set of reads."""
        strangers = self._refuse_strangers()
        self._claim()
        self._answer_again()
        found = self._arrivals.found
        act = act_in(self._registry, self._tx, None, approvals=found.approvals, people=found.people)
        self._refuse_unfit(act)
        names = [each.names for _, each in self._open()]
        orders = [wanted_of(each.request, each.actor.participant_id) for _, each in self._open()]
        known = Known(act, names, orders, found.links, free_only=self._most_records is not None)
        self._leave_alone(known)
        arrivals = [
            each.actor
            for place, each in enumerate(self._group)
            if place not in strangers and self._outcomes.get(place) is not Alone.ALONE
        ]
        with self._tx.joined():
            let_in(self._tx, arrivals)
            self._decide(act, known)
        return [self._outcomes[place] for place in range(len(self._group))]

    def _open(self) -> list[tuple[int, Asked]]:
        return [(place, each) for place, each in enumerate(self._group) if place not in self._outcomes]

    def _refuse_strangers(self) -> frozenset[int]:
        """Refuse revoked keys and used nonces; nothing of such a request is kept."""
        refusals = enumerate(self._arrivals.refusals())
        refused = {place: refusal for place, refusal in refusals if refusal is not None}
        self._outcomes |= refused
        return frozenset(refused)

    def _claim(self) -> None:
        """Refuse those whose idempotency key another transaction or an earlier member has."""
        seen: set[tuple[str, str]] = set()
        for place, each in self._open():
            key = (each.actor.participant_id, each.call.key)
            if key in seen or not self._arrivals.has_claimed(each.actor, each.call):
                self._outcomes[place] = Refusal(Problem.IN_FLIGHT)
            seen.add(key)

    def _answer_again(self) -> None:
        for place, each in self._open():
            answer = self._arrivals.stored(each.actor, each.call)
            if answer is not None:
                try:
                    self._outcomes[place] = answer_of(answer, each.call)
                except Refusal as refusal:
                    self._outcomes[place] = refusal

    def _refuse_unfit(self, act: Act) -> None:
        """Refuse those without the context that the rules demand; the request is kept all the same."""
        for place, each in self._open():
            try:
                check_context(act, each.request)
            except Refusal as refusal:
                self._outcomes[place] = refusal

    def _leave_alone(self, known: Known) -> None:
        for place, each in self._open():
            is_large = known.records_in_reach(each.names) > (self._most_records or MOST_RECORDS)
            if is_large:
                # The next one about this firm goes past the line, so that none waits behind it.
                self._registry.inquiries.keep_aside(each.names.index_key, LARGE_SECONDS)
            if is_large and self._most_records is None:
                self._registry.inquiries.let_pass()
            if self._most_records is not None and (is_large or not known.is_free(each.names)):
                self._outcomes[place] = Alone.ALONE

    def _decide(self, act: Act, known: Known) -> None:
        decided = []
        for place, each in self._open():
            own = replace(act, actor=each.actor)
            applicant = known.applicant(wanted_of(each.request, own.actor_id), each.names)
            decided.append((place, each, answer_one(own, each.request, each.names, applicant, each.stands)))
        keep_answers(act, [answered for _, _, answered in decided])
        answers = []
        for place, each, answered in decided:
            body = json_body(answered.answer)
            answers.append(stored_answer(each.actor, each.call, _CREATED, body, act.now))
            self._outcomes[place] = Outcome(status=_CREATED, body=body)
        self._tx.idempotency.keep(*answers)
