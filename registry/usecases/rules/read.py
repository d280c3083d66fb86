"""Read the rules: the figures of a day, each version, and its proposal and approval."""

import datetime as dt
import hashlib

from protocol.beijing import beijing_date
from protocol.messages import rules as messages
from protocol.problems import Problem, Refusal
from protocol.states import RulesState
from registry.domain.rules import RulesVersion
from registry.policy.rules_document import document_bytes, rules_of
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.rules.shared import book_in


def published_rules(registry: Registry, at: dt.date | None) -> messages.PublishedRules:
    """Read the version in force on a Beijing date (today by default) and all founding and approved dates."""
    book = registry.store.read(lambda tx: book_in(registry, tx))
    dates = [messages.RulesDate(version=rules.version, effective_from=rules.effective_from) for rules in book.versions]
    chosen = book.in_force(at if at is not None else beijing_date(registry.clock()))
    return messages.PublishedRules(rules=chosen, versions=tuple(dates))


def read_rules_version(registry: Registry, version: str) -> messages.RulesVersion:
    """Read one version, proposed, approved or founding; raises Refusal NOT_FOUND."""

    def work(tx: Transaction) -> messages.RulesVersion:
        stored = tx.rules.find(version)
        if stored is not None:
            return version_message(stored)
        for rules in registry.founding_rules.versions:
            if rules.version == version:
                return _founding_message(rules)
        raise Refusal(Problem.NOT_FOUND)

    return registry.store.read(work)


def version_message(stored: RulesVersion) -> messages.RulesVersion:
    """Build the message of a stored version with its digest in the log, and the participants of each step."""
    return messages.RulesVersion(
        rules=rules_of(stored.document),
        state=stored.state,
        sha256=stored.digest.hex(),
        proposed_by=stored.proposed_by,
        proposed_at=stored.proposed_at,
        approved_by=stored.approved_by,
        approved_at=stored.approved_at,
    )


def _founding_message(rules: messages.Rules) -> messages.RulesVersion:
    """Build the message of a version that came with the release: nobody proposed it."""
    return messages.RulesVersion(
        rules=rules,
        state=RulesState.APPROVED,
        sha256=hashlib.sha256(document_bytes(rules)).hexdigest(),
        proposed_by=None,
        proposed_at=None,
        approved_by=None,
        approved_at=None,
    )
