"""Read why, where and how somebody applies: whoever says a part of it says what its channel needs."""

from dataclasses import fields
from typing import Any, Final

from gateway.identity.context import Circumstances, ContextDefaults
from gateway.local import members
from protocol.context import (
    MOST_LINES,
    WITH_DEALER,
    WITH_OUTLET,
    WITHOUT_AGENT,
    Channel,
    HouseholdSource,
    IdentityCheck,
    Purpose,
)
from protocol.messages.context import ONE_LINE
from protocol.names import CONSENT_TEXT, PLACE_CODE, TARIFF

CIRCUMSTANCES: Final = frozenset(each.name for each in fields(Circumstances))


def read_circumstances(body: dict[str, Any], reference: str, defaults: ContextDefaults) -> Circumstances | None:
    """Read the circumstances; None for a body that has no member of them. ``reference`` stands for an absent order."""
    if body.keys().isdisjoint(CIRCUMSTANCES):
        return None
    channel = defaults.channel
    if channel is None or "channel" in body:
        channel = members.code(body, "channel", "", Channel)
    source = HouseholdSource.DECLARED
    if "household_source" in body:
        source = members.code(body, "household_source", "", HouseholdSource)
    return Circumstances(
        purpose=members.code(body, "purpose", "", Purpose),
        channel=channel,
        identity=members.code(body, "identity", "", IdentityCheck),
        consent_text=members.matching(body, "consent_text", CONSENT_TEXT, defaults.consent_text, needed=True) or "",
        consent=members.number(body, "consent", needed=True) or "",
        order=_order(body, reference),
        agent=members.number(body, "agent", needed=channel not in WITHOUT_AGENT),
        outlet=members.matching(body, "outlet", PLACE_CODE, defaults.outlet, needed=channel in WITH_OUTLET),
        dealer=members.matching(body, "dealer", PLACE_CODE, None, needed=channel in WITH_DEALER),
        lines=members.whole(body, "lines", ONE_LINE, MOST_LINES),
        port_in=members.flag(body, "port_in"),
        tariff=members.matching(body, "tariff", TARIFF, None, needed=False),
        household_source=source,
    )


def _order(body: dict[str, Any], reference: str) -> str:
    """Read the order's number; the caller's reference stands for it where there is none."""
    named = "reference" if reference and "order" not in body else "order"
    return members.number(body, named, needed=True) or ""
