"""Admit, as the operator, a participant's webhook, to which its events are delivered from then on."""

from typing import Final

from protocol.incarnation import cursor_of, read_cursor
from protocol.log_entries import EntryKind
from protocol.messages import webhooks as messages
from protocol.problems import Problem, Refusal
from registry.domain.addresses import UrlRefused, check_url
from registry.domain.participants import Actor
from registry.domain.webhooks import DeadLetter, Webhook
from registry.policy.offices import WEBHOOK_READERS
from registry.store.transactions import Transaction
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.restores.standing import standing

_LETTERS: Final = 100


def admit_webhook(
    registry: Registry, actor: Actor, call: IdempotentCall, *, participant_id: str, new: messages.NewWebhook
) -> Outcome:
    """Deliver a participant's events behind the place ``after`` to a URL; again with another ``after`` is a replay.

    Raises Refusal INVALID_FIELD (a URL that is not called), NOT_FOUND, or INCARNATION_DIFFERS for a place of another.
    """
    try:
        check_url(new.url, private_allowed=registry.private_webhooks)
    except UrlRefused as refused:
        raise Refusal(Problem.INVALID_FIELD, fields={"url": refused.code}) from None

    incarnation = standing(registry).incarnation
    meant, place = read_cursor(new.after)
    if new.after and meant != incarnation:
        raise Refusal(Problem.INCARNATION_DIFFERS, figures={"incarnation": incarnation})

    def work(act: Act) -> tuple[int, messages.Webhook]:
        participant = act.tx.participants.get(participant_id)
        if participant is None or participant.left_at is not None:
            raise Refusal(Problem.NOT_FOUND)
        hook = Webhook(
            recipient=participant_id,
            url=new.url,
            registered_at=act.now,
            position=place,
            next_attempt_at=act.now,
            log_entry_id=act.new_id(),
        )
        act.tx.webhooks.lock(participant_id)
        act.log(EntryKind.WEBHOOK_ADMITTED, hook.log_entry_id, {"participant": participant_id, "after": new.after})
        act.tx.webhooks.put(hook)
        return 201, _webhook_message(incarnation, hook, act.tx.webhooks.dead_letters(participant_id, _LETTERS))

    return answer_once(registry, actor, call, work)


def read_webhook(registry: Registry, actor: Actor, participant_id: str) -> messages.Webhook:
    """Read a webhook and its dead letters, for its participant and the operator; raises Refusal NOT_FOUND."""
    if actor.participant_id != participant_id and actor.roles.isdisjoint(WEBHOOK_READERS):
        raise Refusal(Problem.NOT_FOUND)

    incarnation = standing(registry).incarnation

    def work(tx: Transaction) -> messages.Webhook:
        hook = tx.webhooks.get(participant_id)
        if hook is None:
            raise Refusal(Problem.NOT_FOUND)
        return _webhook_message(incarnation, hook, tx.webhooks.dead_letters(participant_id, _LETTERS))

    return registry.store.read(work)


def _webhook_message(incarnation: int, hook: Webhook, letters: tuple[DeadLetter, ...]) -> messages.Webhook:
    return messages.Webhook(
        participant_id=hook.recipient,
        url=hook.url,
        registered_at=hook.registered_at,
        position=cursor_of(incarnation, hook.position),
        attempts=hook.attempts,
        next_attempt_at=hook.next_attempt_at,
        dead_letters=tuple(
            messages.DeadLetter(
                first_position=cursor_of(incarnation, letter.first_position),
                last_position=cursor_of(incarnation, letter.last_position),
                attempts=letter.attempts,
                reason=letter.reason,
                given_up_at=letter.given_up_at,
            )
            for letter in letters
        ),
    )
