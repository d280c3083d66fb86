"""Publishes the rules: which figures applied on which day, those to come included, and how each version came about."""

import datetime as dt
import hashlib
from typing import Any

from protocol.beijing import beijing_date
from protocol.encodings import format_time
from protocol.problems import Problem, Refusal
from protocol.states import RulesState
from registry.domain.rules import RulesVersion
from registry.policy.rules import Rules
from registry.policy.rules_document import document_bytes, rules_of, to_document
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.rules.shared import book_in


def published_rules(registry: Registry, at: dt.date | None) -> dict[str, Any]:
    """The version in force on a Beijing date (today by default) and the dates of all founding and approved ones."""
    book = registry.store.read(lambda tx: book_in(registry, tx))
    chosen = book.in_force(at if at is not None else beijing_date(registry.clock()))
    return {
        "rules": to_document(chosen),
        "versions": [
            {"version": each.version, "effective_from": each.effective_from.isoformat()} for each in book.versions
        ],
    }


def read_rules_version(registry: Registry, version: str) -> dict[str, Any]:
    """One version, proposed, approved or founding; raises Refusal NOT_FOUND."""

    def work(tx: Transaction) -> dict[str, Any]:
        stored = tx.rules.find(version)
        if stored is not None:
            return version_document(stored)
        for each in registry.founding_rules.versions:
            if each.version == version:
                return _founding_document(each)
        raise Refusal(Problem.NOT_FOUND)

    return registry.store.read(work)


def version_document(stored: RulesVersion) -> dict[str, Any]:
    """A stored version: what it says, its digest as the log names it, and who took which step."""
    return {
        "rules": to_document(rules_of(stored.document)),
        "state": stored.state.value,
        "sha256": stored.digest.hex(),
        "proposed_by": stored.proposed_by,
        "proposed_at": format_time(stored.proposed_at),
        "approved_by": stored.approved_by,
        "approved_at": None if stored.approved_at is None else format_time(stored.approved_at),
    }


def _founding_document(rules: Rules) -> dict[str, Any]:
    """A version that came with the release: nobody proposed it."""
    return {
        "rules": to_document(rules),
        "state": RulesState.APPROVED.value,
        "sha256": hashlib.sha256(document_bytes(rules)).hexdigest(),
        "proposed_by": None,
        "proposed_at": None,
        "approved_by": None,
        "approved_at": None,
    }
