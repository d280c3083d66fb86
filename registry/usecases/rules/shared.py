"""Find an act's rule book, the founding and all approved versions, as the act's own transaction sees them.

So a change of the rules needs no restart, and every worker judges by the same book.
"""

from registry.policy.rules import RuleBook
from registry.policy.rules_document import book_with
from registry.store.rules import Approvals
from registry.store.transactions import Transaction
from registry.usecases.context import Registry


def book_in(registry: Registry, tx: Transaction, approvals: Approvals | None = None) -> RuleBook:
    """Return the book of the approved versions, which are read here unless the transaction has read them."""
    named = tx.rules.approvals() if approvals is None else approvals
    founding = registry.founding_rules
    return registry.books.find(founding, named, lambda: book_with(founding, tx.rules.approved_documents()))
