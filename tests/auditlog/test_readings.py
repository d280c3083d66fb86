"""An auditor finds a purpose or an agent that an office did not sign, and one that it signed and is left out."""

import uuid
from typing import Any

import pytest

from auditlog.audit.readings import reading_fault
from auditlog.openings import KeptRequest, Opening
from crypto.signing.content_digest import agent_digest
from protocol.encodings import b64url_encode, canonical_json
from protocol.log_entries import EntryKind
from protocol.readings import Agent, write_agent

AGENT = Agent(reference=b"r" * 16, salt=b"s" * 16)
PART = {"agent": b64url_encode(AGENT.reference), "agent_salt": b64url_encode(AGENT.salt)}
DIGEST = f'"clearline-agent-digest": {agent_digest(write_agent(AGENT))}'
PURPOSE = '"clearline-purpose": CASE'
HERE = uuid.UUID(int=1)


def fault(
    *,
    base: tuple[str, ...] = (PURPOSE, DIGEST),
    facts: dict[str, Any] | None = None,
    part: dict[str, Any] | None = PART,
    kind: EntryKind = EntryKind.OVERSIGHT_READ,
    erased: bool = False,
) -> str | None:
    request = KeptRequest(
        key_id="auditor-1", signature_base="\n".join(('"@method": GET', *base)).encode(), signature=bytes(64)
    )
    opening = Opening(
        index=0,
        entry_id=HERE,
        core=b"",
        core_salt=b"",
        personal=None if part is None or erased else canonical_json(part),
        erased_by=HERE if erased else None,
        request=request,
    )
    core = {"kind": kind.value, "facts": {"purpose": "CASE"} if facts is None else facts}
    return reading_fault(opening, core)


def test_a_reading_that_says_what_was_signed_is_right() -> None:
    assert fault() is None
    assert fault(part=PART | {"subject": "00"}) is None
    assert fault(base=(), facts={}, part=None) is None
    assert fault(base=(), facts={}, part={"subject": "00"}) is None
    assert fault(base=(PURPOSE,), part=None) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"facts": {}},
        {"facts": {"purpose": "SAMPLE"}},
        {"base": (DIGEST,)},
        {"base": (PURPOSE,)},
        {"part": None},
        {"part": {"subject": "00"}},
        {"part": PART | {"agent": b64url_encode(b"x" * 16)}},
        {"part": PART | {"agent_salt": b64url_encode(b"x" * 16)}},
        {"part": {"agent": PART["agent"]}},
        {"part": {"agent": 7, "agent_salt": 7}},
        {"facts": {"purpose": "SAMPLE"}, "erased": True},
    ],
    ids=str,
)
def test_a_purpose_or_an_agent_that_was_not_signed_so_is_found(changes: dict[str, Any]) -> None:
    assert fault(**changes) == "reading-mismatch"


def test_an_agent_that_was_erased_is_not_compared() -> None:
    assert fault(erased=True) is None


def test_the_context_of_an_inquiry_is_in_its_body_and_not_compared() -> None:
    assert fault(kind=EntryKind.INQUIRY, base=(), part={"agent": "x"}) is None


def test_an_entry_whose_request_is_not_kept_is_judged_elsewhere() -> None:
    opening = Opening(index=0, entry_id=HERE, core=b"", core_salt=b"")
    assert reading_fault(opening, {"kind": "log.read", "facts": {"purpose": "CASE"}}) is None
