"""How long anything is kept: times counted from listing, from closing, or from the event."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionTerms:
    """``record_years`` from listing is the hard cap; a closed record is sealed, and purged at the latest then."""

    record_years: int
    seal_days: int
    """From closing until only an auditor can open the record; longer than a payment can be reversed."""
    closed_days: int
    """From closing until the purge."""
    inquiry_months: int
    event_days: int
    answer_days: int
    """How long an answer is given again under its Idempotency-Key."""
