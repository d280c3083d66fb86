"""Answer inquiries, single ones and batches: who waits together is answered together."""

from collections.abc import Sequence

from protocol.messages.inquiries import InquiryAnswer, InquiryAnswers, InquiryRequest
from protocol.problems import FieldCode, Problem, Refusal
from registry.domain.incarnations import Standing
from registry.domain.participants import Actor
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.inquiries.answer import Answered, answer_one, keep_answers, wanted_of
from registry.usecases.inquiries.context import check_context
from registry.usecases.inquiries.group import MOST_RECORDS, Asked, answer_alone, answer_group
from registry.usecases.inquiries.handles import make_handle_keys
from registry.usecases.inquiries.known import Known
from registry.usecases.pseudonyms import Pseudonyms, pseudonyms
from registry.usecases.restores.standing import standing
from registry.usecases.together import LARGE_SECONDS

MOST_HITS = 50_000
"""Records that may weigh in the inquiries of one batch; a single inquiry is always answered."""


def inquire(registry: Registry, actor: Actor, call: IdempotentCall, request: InquiryRequest) -> Outcome:
    """Answer one inquiry; raises Refusal EPOCH_UNKNOWN or BAD_ELEMENT."""
    asked = Asked(
        actor=actor,
        call=call,
        request=request,
        names=pseudonyms(registry, request.tokens),
        stands=standing(registry),
    )
    if request.context is not None:
        make_handle_keys(registry)
    with registry.store.patience.lining_up() as seconds:
        return registry.inquiries.run(
            actor.participant_id,
            asked,
            names=(asked.names.index_key,),
            seconds=seconds,
            alone=lambda _: answer_alone(registry, asked),
            together=lambda group: answer_group(registry, group),
        )


def inquire_batch(
    registry: Registry,
    actor: Actor,
    call: IdempotentCall,
    requests: Sequence[InquiryRequest],
    *,
    most_hits: int = MOST_HITS,
) -> Outcome:
    """Answer up to 1,000 inquiries in order in one transaction.

    A bad token refuses the whole batch and names its place: the asker must know of every unchecked applicant. So do
    more records than one transaction bears: the sender has to cut the batch.
    """
    names: list[Pseudonyms] = []
    for place, request in enumerate(requests):
        try:
            names.append(pseudonyms(registry, request.tokens))
        except Refusal as refusal:
            raise Refusal(refusal.problem, fields={f"inquiries.{place}.tokens": refusal.problem.value.name}) from None
    stands = standing(registry)
    if any(request.context is not None for request in requests):
        make_handle_keys(registry)

    def work(act: Act) -> tuple[int, InquiryAnswers]:
        return 201, InquiryAnswers(answers=_answer_all(act, requests, names, stands, most_hits))

    return answer_once(registry, actor, call, work, names=names)


def _answer_all(
    act: Act,
    requests: Sequence[InquiryRequest],
    names: Sequence[Pseudonyms],
    stands: Standing,
    most_hits: int = MOST_HITS,
) -> tuple[InquiryAnswer, ...]:
    """Decide all requests from one set of reads, then write inquiries, quotes and log entries in bulk."""
    for place, request in enumerate(requests):
        try:
            check_context(act, request)
        except Refusal as refusal:
            fields = {f"inquiries.{place}.{path}": code for path, code in refusal.fields.items()}
            raise Refusal(refusal.problem, fields=fields or {f"inquiries.{place}": FieldCode.REQUIRED}) from None
    orders = [wanted_of(each, act.actor_id) for each in requests]
    known, hits = Known(act, names, orders), 0
    answered: list[Answered] = []
    for request, wanted, asked in zip(requests, orders, names, strict=True):
        applicant = known.applicant(wanted, asked)
        answered.append(answer_one(act, request, asked, applicant, stands))
        hits += len(answered[-1].hits)
        if known.records_in_reach(asked) > MOST_RECORDS:
            # The next one about this firm goes past the line of the single inquiries, so that none waits behind it.
            act.registry.inquiries.keep_aside(asked.index_key, LARGE_SECONDS)
        if len(requests) > 1 and hits > most_hits:
            # A thousand questions about one firm with thousands of records are not one transaction.
            raise Refusal(Problem.INVALID_FIELD, fields={"inquiries": FieldCode.TOO_MANY_RECORDS})
    keep_answers(act, answered)
    return tuple(each.answer for each in answered)
