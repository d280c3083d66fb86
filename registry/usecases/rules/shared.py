"""Read an act's rule book, the founding and all approved versions, in the act's own transaction.

So a change of the rules needs no restart, and every worker judges by the same book.
"""

from registry.policy.rules import RuleBook
from registry.policy.rules_document import book_with
from registry.store.transactions import Transaction
from registry.usecases.context import Registry


def book_in(registry: Registry, tx: Transaction) -> RuleBook:
    """Read the book as this transaction sees it."""
    return book_with(registry.founding_rules, tx.rules.approved_documents())
