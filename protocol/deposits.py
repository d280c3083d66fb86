"""The words of deposits: the state of one that was taken, and the two ways in which it goes back."""

from enum import StrEnum


class DepositState(StrEnum):
    """The states of a deposit."""

    HELD = "HELD"
    RETURNED = "RETURNED"
    """Nothing is left of it: the customer has it back, or undisputed bills were set off."""
    NOT_TAKEN = "NOT_TAKEN"
    """The carrier corrected its report: no deposit was taken."""


class ReturnKind(StrEnum):
    """The kinds of returns."""

    RETURNED = "RETURNED"
    """All of it went to the customer."""
    SET_OFF = "SET_OFF"
    """The service has ended, and undisputed bills were set off."""
