"""The vocabulary of terms on which a service can be had at once, where a decision does not simply allow it.

A gateway passes over a kind that it does not know: it costs an offer, and breaks no answer.
"""

from enum import StrEnum


class AlternativeKind(StrEnum):
    """The kinds of alternatives."""

    PREPAID_ONLY = "PREPAID_ONLY"
    DEPOSIT = "DEPOSIT"
