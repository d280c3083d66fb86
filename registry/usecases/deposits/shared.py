"""Share the terms of a deposit, and its message."""

from protocol.messages import deposits as messages
from protocol.messages.grades import DepositTerms
from protocol.wire.codec import message_of
from registry.domain.deposits import Deposit
from registry.policy.deposits import deposit_terms
from registry.usecases.act import Act


def terms_of(act: Act, deposit: Deposit) -> DepositTerms:
    """Return the terms of the version under which the deposit was first told."""
    return deposit_terms(act.book.version(deposit.rules_version))


def deposit_message(act: Act, deposit: Deposit) -> messages.Deposit:
    """Build the message for the carrier, as of the act's day; no pseudonym is in it."""
    return message_of(
        messages.Deposit,
        deposit,
        order=deposit.order_ref,
        left_fen=deposit.left_on(act.today, terms_of(act, deposit)),
        overdue=deposit.is_overdue(act.today),
    )
