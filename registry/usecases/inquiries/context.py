"""Checks an inquiry's context by the rules in force, and says what of it goes into the access log.

Who asked and how is core and stays for ever; order, clerk and consent are in the part that can be erased.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from protocol.context import Channel, Purpose
from protocol.encodings import b64url_encode
from protocol.grades import Grade
from protocol.grading import read_text
from protocol.log_entries import Facts
from protocol.messages.context import InquiryContext
from protocol.messages.inquiries import InquiryRequest
from protocol.problems import Problem, Refusal
from protocol.strict_json import load_object
from registry.policy.context import faults, is_missing
from registry.policy.rules import context_terms
from registry.usecases.act import Act

_AT_ONCE: Final = 1_000
UNTOLD: Final[Mapping[str, Any]] = {"purpose": None, "channel": None, "outlet": None, "grade": None}
"""Of an inquiry without a context."""


def check_context(act: Act, request: InquiryRequest) -> None:
    """Raise Refusal CONTEXT_REQUIRED, or INVALID_FIELD that names each field which does not hold."""
    terms = context_terms(act.rules)
    if is_missing(request, terms, act.today):
        raise Refusal(Problem.CONTEXT_REQUIRED)
    found = faults(request, terms)
    if found:
        raise Refusal(Problem.INVALID_FIELD, fields=found)


def core_facts(context: InquiryContext | None) -> Facts:
    """Say why, where and how somebody was asked about; what was not given is absent."""
    if context is None:
        return {}
    register, address = context.household.register, context.household.address
    facts: dict[str, str | int | None] = {
        "purpose": context.purpose.value,
        "channel": context.channel.value,
        "outlet": context.outlet,
        "dealer": context.dealer,
        "identity": context.identity.value,
        "register": register.state.value,
        "address": address.state.value,
        "register_source": register.source and register.source.value,
        "address_source": address.source and address.source.value,
        "lines": context.lines,
        "port": 1 if context.port_in else None,
        "consent": context.consent.text,
    }
    return {name: value for name, value in facts.items() if value is not None}


def personal_facts(context: InquiryContext | None) -> Facts:
    """Name the order, the clerk and the consent by the carrier's keyed references."""
    if context is None:
        return {}
    refs = {"order": context.order, "agent": context.agent, "consent_ref": context.consent.ref}
    return {name: b64url_encode(ref) for name, ref in refs.items() if ref is not None}


def contexts_of(act: Act, entry_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Mapping[str, Any]]:
    """Read purpose, channel, outlet and the grade of inquiries from their entries, which alone keep them."""
    found: dict[uuid.UUID, Mapping[str, Any]] = {}
    for start in range(0, len(entry_ids), _AT_ONCE):
        entries = act.tx.openings.find_many(entry_ids[start : start + _AT_ONCE])
        for entry_id, entry in entries.items():
            facts = load_object(entry.core, max_bytes=len(entry.core))["facts"]
            found[entry_id] = {
                "purpose": Purpose(facts["purpose"]),
                "channel": Channel(facts["channel"]),
                "outlet": facts.get("outlet"),
                "grade": _grade_in(entry.personal),
            }
    return found


def _grade_in(personal: bytes | None) -> Grade | None:
    """Read the letter; None of an inquiry that read none, and of one whose personal part was erased."""
    text = None if personal is None else load_object(personal, max_bytes=len(personal)).get("credit")
    return None if text is None else read_text(text)[1]
