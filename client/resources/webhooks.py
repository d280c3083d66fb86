"""Call the registry about webhooks."""

from urllib.parse import quote

from client.idempotency import named
from client.registry import RegistryClient
from protocol.encodings import canonical_json
from protocol.messages.webhooks import NewWebhook, Webhook
from protocol.wire.codec import write


def admit(registry: RegistryClient, participant_id: str, new: NewWebhook) -> Webhook:
    """Admit a participant's webhook, as the operator; the same again gives the first answer."""
    once = named("webhook", canonical_json({"participant_id": participant_id, **write(new)}))
    return registry.post(_path(participant_id), new, Webhook, key=once)


def read(registry: RegistryClient, participant_id: str) -> Webhook:
    """Read a webhook, how far it is and what was given up: one's own, or any as the operator."""
    return registry.get(_path(participant_id), Webhook)


def _path(participant_id: str) -> str:
    return f"/v1/participants/{quote(participant_id, safe='')}/webhook"
