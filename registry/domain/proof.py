"""What a creditor has to show for its record: the manifest of its evidence, and that the debt is still unpaid."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceTerms:
    """Whether a report needs a manifest, and how many days the creditor has to show a document of it."""

    required: bool
    answer_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationTerms:
    """How old, in days, the creditor's word "still unpaid" may be when a record begins to block; 0 asks for none.

    A record that waits ``lapse_days`` in vain after its lead time lapses.
    """

    max_age_days: int
    lapse_days: int
