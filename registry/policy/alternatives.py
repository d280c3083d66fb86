"""Derives the terms on which an applicant may be served at once from the decision and the rules that it names."""

from protocol.alternatives import AlternativeKind
from protocol.codes import DecisionCode, ServiceClass
from protocol.messages.inquiries import Alternative
from protocol.messages.rules import AlternativeTerms
from registry.policy.credit import Credit


def alternatives(
    decision: DecisionCode,
    service: ServiceClass,
    *,
    quote_fen: int,
    terms: AlternativeTerms,
    credit: Credit | None = None,
) -> tuple[Alternative, ...]:
    """Name the alternatives to a decision, prepaid first; ``quote_fen`` is what is to be paid first, 0 for nothing.

    DEPOSIT and PREPAID_ONLY come from a ``credit`` grade alone, and each is the alternative to the other, on the terms
    of the carrier's tariff. ALLOW needs none, and VERIFY_ID has none: the thief of an identity would take a line on a
    deposit as well.
    """
    prepaid = (Alternative(kind=AlternativeKind.PREPAID_ONLY),) if service in terms.prepaid_services else ()
    deposit = (Alternative(kind=AlternativeKind.DEPOSIT, amount_fen=terms.deposit_fen.of(service)),)
    match decision:
        case DecisionCode.PAY_FIRST:
            return (*prepaid, *deposit) if 0 < quote_fen <= terms.deposit_up_to_fen else prepaid
        case DecisionCode.REVIEW:
            return (*prepaid, *deposit)
        case DecisionCode.DEPOSIT:
            return (Alternative(kind=AlternativeKind.PREPAID_ONLY),)
        case DecisionCode.PREPAID_ONLY if credit is not None:
            return (Alternative(kind=AlternativeKind.DEPOSIT, amount_fen=credit.deposit_fen),)
    return ()
