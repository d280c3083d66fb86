"""Decisions on orders as a gateway keeps them, and what became of the orders."""

import datetime as dt
import uuid
from typing import Any

from gateway.orders.values import KeptDecision, Wish
from protocol.activations import ActivationOutcome
from protocol.codes import DecisionCode, ServiceClass
from protocol.states import HouseholdKeyState

AT = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
ORDER = b"o" * 16
FIRST, SECOND = uuid.UUID(int=1), uuid.UUID(int=2)


def a_decision(**changes: Any) -> KeptDecision:
    """ALLOW for a mobile line of one order, at eight o'clock."""
    kept: dict[str, Any] = {
        "order": ORDER,
        "inquiry_id": FIRST,
        "decision_token": "a.b.c",
        "decision": DecisionCode.ALLOW,
        "service_class": ServiceClass.MOBILE,
        "lines": 1,
        "decided_at": AT,
        "valid_until": AT + dt.timedelta(days=1),
        "register_state": HouseholdKeyState.NOT_GIVEN,
        "address_state": HouseholdKeyState.NOT_GIVEN,
    }
    return KeptDecision(**kept | changes)


def a_wish(**changes: Any) -> Wish:
    """The order was opened as asked, now."""
    return Wish(**{"order": ORDER, "outcome": ActivationOutcome.ACTIVATED} | changes)


TOLD: dict[str, Any] = {
    "purpose": "NEW_LINE",
    "channel": "OUTLET",
    "outlet": "SH-PD-0123",
    "identity": "READER",
    "agent": "A-017",
    "consent": "consent record 9",
    "consent_text": "standard-1",
}
"""The circumstances of an application at a counter, but for its order."""
