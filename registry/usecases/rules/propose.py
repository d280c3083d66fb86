"""Propose a whole version of the rules as the operator; it applies only after another party has approved it."""

from protocol.log_entries import EntryKind
from protocol.messages import rules as messages
from protocol.messages.rules import Rules
from protocol.problems import Problem, Refusal
from registry.domain.participants import Actor
from registry.domain.rules import EffectiveDateRefused, RulesVersion, check_demand, check_effective_date
from registry.policy.context import LEAST_NOTICE_DAYS
from registry.policy.rules import RuleBook, context_terms
from registry.policy.rules_document import RulesInvalid, check_agreements, document_bytes
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.rules.read import version_message


def propose_rules(registry: Registry, actor: Actor, call: IdempotentCall, rules: Rules) -> Outcome:
    """Make a version, PROPOSED; raises Refusal INVALID_FIELD (a figure, the date) or ALREADY_EXISTS (its name)."""
    try:
        check_agreements(rules)
    except RulesInvalid as refused:
        raise Refusal(Problem.INVALID_FIELD, fields={refused.field: refused.code}) from None

    def work(act: Act) -> tuple[int, messages.RulesVersion]:
        if any(earlier.version == rules.version for earlier in act.book.versions):
            raise Refusal(Problem.ALREADY_EXISTS)
        try:
            check_effective(act, act.book, rules)
        except EffectiveDateRefused as refused:
            raise Refusal(Problem.INVALID_FIELD, fields={"effective_from": refused.code}) from None
        try:
            check_context_demand(act, act.book, rules)
        except EffectiveDateRefused as refused:
            raise Refusal(Problem.INVALID_FIELD, fields={"context.required_from": refused.code}) from None
        return 201, version_message(_enter(act, actor, rules))

    return answer_once(registry, actor, call, work)


def check_effective(act: Act, book: RuleBook, rules: Rules) -> None:
    """Raise EffectiveDateRefused unless the version would be the latest, and everybody has time to prepare."""
    taken = (earlier.effective_from for earlier in book.versions)
    check_effective_date(rules.effective_from, act.today, act.rules.notice_of_change_days, taken)


def check_context_demand(act: Act, book: RuleBook, rules: Rules) -> None:
    """Raise EffectiveDateRefused where carriers would have too little time to send their inquiries' context."""
    latest = context_terms(book.versions[-1]).required_from
    check_demand(context_terms(rules).required_from, latest, act.today, LEAST_NOTICE_DAYS)


def _enter(act: Act, actor: Actor, rules: Rules) -> RulesVersion:
    proposal = RulesVersion(
        version=rules.version,
        effective_from=rules.effective_from,
        document=document_bytes(rules),
        proposed_by=actor.participant_id,
        proposed_key_id=actor.key_id,
        proposed_at=act.now,
        log_entry_id=act.new_id(),
    )
    log_step(act, EntryKind.RULES_PROPOSED, proposal)
    act.tx.rules.add(proposal)
    return proposal


def log_step(act: Act, kind: EntryKind, version: RulesVersion) -> None:
    """Log a step with the digest of all figures, so that proposal and approval can always be compared."""
    act.log(
        kind,
        version.log_entry_id,
        {
            "version": version.version,
            "effective_from": version.effective_from.isoformat(),
            "sha256": version.digest.hex(),
        },
    )
