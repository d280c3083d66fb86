"""`clearline registry key`: the operator adds and revokes keys of participants, and gets a new one itself."""

from pathlib import Path
from typing import Any

import click

from cli.options import PublicKeyParam, config_option, json_option
from cli.outcome import Failure
from cli.output import one_line, tell
from cli.registry.schema_check import open_registry
from cli.registry_calls import Office, office_options
from client.registry import RegistryClient
from client.resources import participants
from protocol.messages.participants import NewKey, ParticipantKey
from protocol.wire.codec import write
from registry.settings import load
from registry.usecases.participants.recover_operator import recover_operator


@click.group("key")
def key() -> None:
    """Look after the signing keys of members.

    Of a stolen key: add a new one here and at each custodian, let its holder switch, then revoke the stolen one here
    and at each custodian. docs/runbooks/stolen-key.md has every step.
    """


@key.command()
@click.argument("participant_id")
@click.argument("new_key_id")
@click.option("--public-key", type=PublicKeyParam(), required=True, help="Its 32 bytes in base64url, or a file.")
@office_options
def add(participant_id: str, new_key_id: str, public_key: bytes, *, office: Office, as_json: bool) -> None:
    """Add a further key of a participant. Signed by the operator; safe to repeat.

    The keys that the participant has stay good until they are revoked.

    \b
    Example:
      clearline registry key add carrier-a carrier-a-2 --public-key KEY \\
        --url https://registry.example --registry-key registry.pub --key operator.pem --key-id operator-1
    """
    with office.open() as registry:
        participants.add_key(registry, participant_id, NewKey(key_id=new_key_id, public_key=public_key))
        # A repeated call gets the first call's answer, so read the present state.
        added = _key(registry, participant_id, new_key_id)
    if added.revoked_at is not None:
        raise Failure(f"key-revoked: {new_key_id} was added before and revoked since; make a new key")
    tell(_shown(participant_id, added), as_json=as_json)


@key.command()
@click.argument("participant_id")
@click.argument("old_key_id")
@office_options
def revoke(participant_id: str, old_key_id: str, *, office: Office, as_json: bool) -> None:
    """Revoke a key of a participant for ever. Signed by the operator; safe to repeat.

    The registry refuses it from the next request on; earlier signatures stay valid.

    \b
    Example:
      clearline registry key revoke carrier-a carrier-a-1 \\
        --url https://registry.example --registry-key registry.pub --key operator.pem --key-id operator-2
    """
    with office.open() as registry:
        participants.revoke_key(registry, participant_id, old_key_id)
        revoked = _key(registry, participant_id, old_key_id)
    tell(_shown(participant_id, revoked), as_json=as_json)


@key.command("list")
@click.argument("participant_id", required=False)
@office_options
def list_keys(participant_id: str | None, *, office: Office, as_json: bool) -> None:
    """List the keys of a participant, or of all.

    One key a line, the revoked ones too. Any participant may ask.

    \b
    Example:
      clearline registry key list carrier-a \\
        --url https://registry.example --registry-key registry.pub --key operator.pem --key-id operator-1
    """
    with office.open() as registry:
        one = () if participant_id is None else (participants.read(registry, participant_id),)
        for holder in one or participants.every(registry):
            for its_key in holder.keys:
                click.echo(one_line(_shown(holder.participant_id, its_key), as_json=as_json))


@key.command()
@click.argument("operator_id")
@click.argument("new_key_id")
@click.option("--public-key", type=PublicKeyParam(), required=True, help="Its 32 bytes in base64url, or a file.")
@config_option("registry.toml")
@json_option
def recover(operator_id: str, new_key_id: str, public_key: bytes, config: Path, *, as_json: bool) -> None:
    """Replace all keys of an operator by a new one.

    For an operator whose keys are stolen or lost, on the registry's own machine: no participant could admit the key.
    Entries of the log say that the registry did it. Safe to repeat.

    \b
    Example:
      clearline registry key recover operator operator-2 --public-key KEY --config registry.toml
    """
    running = open_registry(load(config))
    revoked = recover_operator(running, operator_id, key_id=new_key_id, public_key=public_key)
    tell({"participant_id": operator_id, "key_id": new_key_id, "revoked": list(revoked)}, as_json=as_json)


def _shown(participant_id: str, its_key: ParticipantKey) -> dict[str, Any]:
    return {"participant_id": participant_id, **write(its_key)}


def _key(registry: RegistryClient, participant_id: str, key_id: str) -> ParticipantKey:
    for its_key in participants.read(registry, participant_id).keys:
        if its_key.key_id == key_id:
            return its_key
    raise Failure(f"key-unknown: the registry shows no key {key_id} of {participant_id}")
