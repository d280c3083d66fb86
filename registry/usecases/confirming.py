"""Whether, and by which version of the rules, a creditor has to confirm that a waiting record is still unpaid."""

from registry.domain.proof import ConfirmationTerms
from registry.domain.record import Record
from registry.usecases.act import Act


def confirmation_terms(act: Act, record: Record) -> ConfirmationTerms:
    """The terms of the version under which the record was listed: a later one asks nobody for an older record."""
    del record
    return act.rules.confirmation
