"""A subject's dispute: filed with nothing but a token leaving; its documents; the cases that concern this carrier."""

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from client.answers import items, read
from client.errors import ApplicationInvalid, RegistryAnswerBroken
from client.incarnations import Steady
from client.registry import RegistryClient
from gateway.identity.documents import RawIdentity, SubjectInputs, identify
from gateway.tools import Tools
from protocol.codes import DisputeGround, ServiceClass
from protocol.encodings import b64url_decode, b64url_encode
from protocol.messages.disputes import DisputeFiling
from protocol.states import Side

MAX_DOCUMENT_BYTES: Final = 2 * 1024 * 1024
"""What the registry takes: a PDF, PNG or JPEG."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """Who disputes, on what ground, and which of their records: all, or those of a creditor and a service."""

    identity: RawIdentity
    ground: DisputeGround
    creditor: str | None = None
    service_class: ServiceClass | None = None


def file(tools: Tools, complaint: Complaint, *, today: dt.date, idempotency_key: str | None = None) -> dict[str, Any]:
    """The registry's cases, one a record; raises ``ApplicationInvalid`` for a document that is none."""
    _, inputs = identify(complaint.identity, today=today)
    [tokens] = tools.tokeniser.tokens([SubjectInputs(subject=inputs.subject)])
    filing = DisputeFiling(
        tokens=tokens,
        ground=complaint.ground,
        creditor=complaint.creditor,
        service_class=complaint.service_class,
    )
    return tools.registry.file_dispute(filing, idempotency_key=idempotency_key)


def add_document(registry: RegistryClient, dispute_id: UUID, side: Side, content: bytes) -> dict[str, Any]:
    """Add a document to a case; the same one again is the same document. Raises ``ApplicationInvalid`` by its size."""
    if not 0 < len(content) <= MAX_DOCUMENT_BYTES:
        raise ApplicationInvalid("content", "OUT_OF_RANGE")
    key = f"document-{side}-{dispute_id}-{b64url_encode(hashlib.sha256(content).digest())}"
    body = {"side": side.value, "content": b64url_encode(content)}
    path = f"/v1/disputes/{dispute_id}/documents"
    return registry.tell(path, body, idempotency_key=key, document_id=str)


def documents(registry: RegistryClient, dispute_id: UUID) -> list[dict[str, Any]]:
    """The documents of both sides of a case, without their contents."""
    return items(registry.ask(f"/v1/disputes/{dispute_id}/documents"), "documents")


def open_document(registry: RegistryClient, dispute_id: UUID, document_id: UUID) -> tuple[dict[str, Any], bytes]:
    """A document with its content; the registry logs each reading."""
    found = registry.ask(f"/v1/disputes/{dispute_id}/documents/{document_id}", document_id=str)
    content = read(lambda given: b64url_decode(given["content"]), found)
    return {name: value for name, value in found.items() if name != "content"}, content


def cases(registry: RegistryClient, state: str | None = None) -> Iterator[dict[str, Any]]:
    """The cases that this carrier filed or is the creditor of, oldest first; ``state`` narrows them."""
    chosen = "" if state is None else f"&state={state}"
    before, after, steady = None, "", Steady(registry)
    while after is not None:
        if after == before:
            raise RegistryAnswerBroken("the registry's list of cases does not get on")
        page = registry.ask(f"/v1/disputes?limit=200{chosen}" + (f"&after={after}" if after else ""))
        steady.check()
        yield from items(page, "disputes")
        before, after = after, read(lambda given: given["next"], page)
