"""The participants at the registry: read them, admit them and their keys, and let them go."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from client.errors import RegistryAnswerBroken
from client.idempotency import named
from client.registry import RegistryClient
from crypto.signing.keys import load_public
from protocol.encodings import canonical_json
from protocol.messages.participants import NewKey, NewParticipant, PageQuery, Participant, ParticipantPage
from protocol.messages.steps import Step
from protocol.wire.codec import write

_PATH: Final = "/v1/participants"


def admit(registry: RegistryClient, new: NewParticipant) -> Participant:
    """Admit a participant with its first key; the same again gives the same answer."""
    return registry.post(_PATH, new, Participant, key=f"admit-{new.participant_id}-{new.key_id}")


def read(registry: RegistryClient, participant_id: str) -> Participant:
    """Read a participant with its public keys, to verify its signatures."""
    return registry.get(_path(participant_id), Participant)


def read_key(registry: RegistryClient, participant_id: str, key_id: str) -> Ed25519PublicKey:
    """Read the public key of a participant, also a revoked one: the caller judges the age of a signature."""
    for key in read(registry, participant_id).keys:
        if key.key_id == key_id:
            return load_public(key.public_key)
    raise RegistryAnswerBroken("the registry knows no such key of the participant")


def every(registry: RegistryClient) -> Iterator[Participant]:
    """Yield all participants in the order of their ids, page by page."""
    after = None
    while True:
        page = registry.get(_PATH, ParticipantPage, PageQuery(after=after))
        yield from page.participants
        if page.next is None:
            return
        if page.next == after:
            raise RegistryAnswerBroken("the registry's list of participants does not get on")
        after = page.next


def add_key(registry: RegistryClient, participant_id: str, new: NewKey) -> Participant:
    """Add a further key of a participant; the same again gives the first answer."""
    once = _once("key", participant_id, write(new))
    return registry.post(f"{_path(participant_id)}/keys", new, Participant, key=once)


def revoke_key(registry: RegistryClient, participant_id: str, key_id: str) -> Participant:
    """Revoke a key of a participant for ever; the same again gives the first answer."""
    path = f"{_path(participant_id)}/keys/{quote(key_id, safe='')}/revocation"
    once = _once("key-revocation", participant_id, {"key_id": key_id})
    return registry.post(path, Step(), Participant, key=once)


def let_go(registry: RegistryClient, participant_id: str) -> Participant:
    """Let a participant without open records leave; the same again gives the first answer."""
    return registry.post(f"{_path(participant_id)}/exit", Step(), Participant, key=f"exit-{participant_id}")


def _path(participant_id: str) -> str:
    return f"{_PATH}/{quote(participant_id, safe='')}"


def _once(step: str, participant_id: str, members: dict[str, str]) -> str:
    return named(step, canonical_json({"participant_id": participant_id, **members}))
