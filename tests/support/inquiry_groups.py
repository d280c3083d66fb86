"""Inquiries that wait for one transaction, as authenticated senders ask them."""

import uuid
from collections.abc import Iterable
from dataclasses import replace

from protocol.codes import ServiceClass
from protocol.messages.inquiries import InquiryRequest
from protocol.messages.tokens import SubjectTokens
from registry.domain.requests import Arrival, KeptRequest
from registry.usecases.inquiries.group import Asked
from registry.usecases.pseudonyms import pseudonyms
from registry.usecases.restores.standing import standing
from tests.support.world import World


def an_inquiry(
    world: World,
    who: str,
    tokens: SubjectTokens,
    *,
    key: str,
    nonce: str | None = None,
    body: bytes = b"body",
    service: ServiceClass = ServiceClass.MOBILE,
) -> Asked:
    """An inquiry under an idempotency key, in a request that nobody has let in yet."""
    kept = KeptRequest(
        request_id=uuid.uuid4(),
        participant_id=who,
        key_id=f"{who}-1",
        signature_base=f"base of {key}".encode(),
        signature=bytes(64),
        received_at=world.clock(),
    )
    actor = replace(
        world.actor(who),
        request_id=kept.request_id,
        arrival=Arrival(nonce=uuid.uuid4().hex if nonce is None else nonce, kept=kept),
    )
    return Asked(
        actor=actor,
        call=world.call(key, body, "createInquiry"),
        request=InquiryRequest(inquiry_ref=key, tokens=tokens, service_class=service),
        names=pseudonyms(world.registry, tokens),
        stands=standing(world.registry),
    )


def kept_of(world: World, asked: Iterable[Asked]) -> list[bool]:
    """Which of the requests are kept."""

    def is_kept(each: Asked) -> bool:
        who, request_id = each.actor.participant_id, each.actor.request_id
        return bool(world.registry.store.read(lambda tx: tx.requests.find(who, (request_id,))))

    return [is_kept(each) for each in asked]
