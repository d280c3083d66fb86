"""Approve a version that another party proposed: it is in force from its date on, and carriers are told at once."""

from collections.abc import Iterator
from typing import Final

from protocol.events import EventKind
from protocol.log_entries import EntryKind
from protocol.messages import rules as messages
from protocol.problems import FieldCode, Problem, Refusal
from registry.domain.participants import Actor
from registry.domain.rules import (
    Approver,
    ApproverNotAnother,
    EffectiveDateRefused,
    RulesVersion,
    VersionApproved,
    approved,
)
from registry.policy.offices import TOLD_OF_RULES
from registry.policy.rules_document import rules_of
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.notify import notify
from registry.usecases.rules.propose import check_context_demand, check_effective, log_step
from registry.usecases.rules.read import version_message
from registry.usecases.rules.shared import book_in

_PAGE: Final = 500
_WHY_NOT: Final = {
    "notice-too-short": "The version would take effect too soon: propose it anew with a later date.",
    "not-the-latest": "A version of the same or a later date was approved meanwhile.",
}


def approve_rules(registry: Registry, actor: Actor, call: IdempotentCall, version: str, sha256: str) -> Outcome:
    """Take the edge PROPOSED -> APPROVED; the approver's signature covers the digest of all figures.

    Raises Refusal: NOT_FOUND, INVALID_FIELD (another digest than the proposal's), ROLE_MISSING (the proposer, or its
    key, approves), ALREADY_EXISTS (approved before),
    EDGE_NOT_ALLOWED (its date came too near, or a later version is approved).
    """

    def work(act: Act) -> tuple[int, messages.RulesVersion]:
        act.tx.rules.lock()
        proposal = act.tx.rules.find(version)
        if proposal is None:
            raise Refusal(Problem.NOT_FOUND)
        if sha256 != proposal.digest.hex():
            raise Refusal(Problem.INVALID_FIELD, fields={"sha256": FieldCode.NOT_THE_PROPOSAL})
        done = _approved(act, actor, proposal)
        _check_date(act, proposal)
        log_step(act, EntryKind.RULES_APPROVED, done)
        act.tx.rules.approve(done)
        facts = {
            "version": done.version,
            "effective_from": done.effective_from.isoformat(),
            "sha256": done.digest.hex(),
        }
        notify(act, list(_told(act)), EventKind.RULES_CHANGED, facts=facts)
        return 201, version_message(done)

    return answer_once(registry, actor, call, work)


def _approved(act: Act, actor: Actor, proposal: RulesVersion) -> RulesVersion:
    keys = act.tx.participants
    mine, proposers = keys.key(actor.key_id), keys.key(proposal.proposed_key_id)
    if mine is None or proposers is None:
        raise Refusal(Problem.KEY_UNKNOWN)
    approver = Approver(
        participant_id=actor.participant_id, key_id=actor.key_id, public_key=mine[1].public_key, at=act.now
    )
    try:
        return approved(proposal, approver, proposers[1].public_key, act.new_id())
    except VersionApproved:
        raise Refusal(Problem.ALREADY_EXISTS, detail="The version is approved already.") from None
    except ApproverNotAnother:
        raise Refusal(Problem.ROLE_MISSING, detail="Who proposed a version does not approve it.") from None


def _check_date(act: Act, proposal: RulesVersion) -> None:
    """Check the date again: a date that was in time at the proposal may be too early now."""
    # Read again under the lock: another version may have been approved since this act began.
    book = book_in(act.registry, act.tx)
    try:
        check_effective(act, book, rules_of(proposal.document))
        check_context_demand(act, book, rules_of(proposal.document))
    except EffectiveDateRefused as refused:
        raise Refusal(Problem.EDGE_NOT_ALLOWED, detail=_WHY_NOT[refused.code]) from None


def _told(act: Act) -> Iterator[str]:
    """List the participants that report or inquire."""
    after: str | None = None
    while page := act.tx.participants.page(after, _PAGE):
        yield from (member.participant_id for member in page if not member.roles.isdisjoint(TOLD_OF_RULES))
        after = page[-1].participant_id
