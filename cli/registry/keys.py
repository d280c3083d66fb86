"""`clearline registry key`: the operator adds and revokes keys of participants, and gets a new one itself."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import click

from cli.options import PublicKeyParam, config_option, json_option
from cli.outcome import Failure
from cli.output import one_line, tell
from cli.registry.schema_check import open_registry
from cli.registry_calls import Office, office_options
from client.answers import have, items
from protocol.encodings import b64url_encode, canonical_json
from registry.settings import load
from registry.usecases.participants.recover_operator import recover_operator

_MEMBERS: Final[dict[str, type | None]] = {"key_id": str, "public_key": str, "added_at": str, "revoked_at": None}
"""The members of a key that are shown."""


@click.group("key")
def key() -> None:
    """The keys that participants sign with.

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
    new = {"key_id": new_key_id, "public_key": b64url_encode(public_key)}
    office.tell(_path(participant_id), new, _once("key", participant_id, new), keys=list)
    # The answer to a repeated call is that of the first one: what is true now is asked for.
    found = _key(office, participant_id, new_key_id)
    if found["revoked_at"] is not None:
        raise Failure(f"key-revoked: {new_key_id} was added before and revoked since; make a new key")
    tell({"participant_id": participant_id, **found}, as_json=as_json)


@key.command()
@click.argument("participant_id")
@click.argument("old_key_id")
@office_options
def revoke(participant_id: str, old_key_id: str, *, office: Office, as_json: bool) -> None:
    """Revoke a key of a participant for ever. Signed by the operator; safe to repeat.

    The registry refuses it from the next request on; what it signed before stays good.

    \b
    Example:
      clearline registry key revoke carrier-a carrier-a-1 \\
        --url https://registry.example --registry-key registry.pub --key operator.pem --key-id operator-2
    """
    path = f"{_path(participant_id)}/{quote(old_key_id, safe='')}/revocation"
    office.tell(path, {}, _once("key-revocation", participant_id, {"key_id": old_key_id}), keys=list)
    tell({"participant_id": participant_id, **_key(office, participant_id, old_key_id)}, as_json=as_json)


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
    holders = _participants(office) if participant_id is None else [(participant_id, _keys(office, participant_id))]
    for holder, keys in holders:
        for each in keys:
            click.echo(one_line({"participant_id": holder} | each, as_json=as_json))


@key.command()
@click.argument("operator_id")
@click.argument("new_key_id")
@click.option("--public-key", type=PublicKeyParam(), required=True, help="Its 32 bytes in base64url, or a file.")
@config_option("registry.toml")
@json_option
def recover(operator_id: str, new_key_id: str, public_key: bytes, config: Path, *, as_json: bool) -> None:
    """Replace all keys of an operator by a new one.

    For an operator whose keys are stolen or lost, on the registry's own machine: nobody else could admit a key of its.
    Entries of the log say that the registry did it. Safe to repeat.

    \b
    Example:
      clearline registry key recover operator operator-2 --public-key KEY --config registry.toml
    """
    running = open_registry(load(config))
    revoked = recover_operator(running, operator_id, key_id=new_key_id, public_key=public_key)
    tell({"participant_id": operator_id, "key_id": new_key_id, "revoked": list(revoked)}, as_json=as_json)


def _path(participant_id: str) -> str:
    return f"/v1/participants/{quote(participant_id, safe='')}/keys"


def _once(what: str, participant_id: str, said: dict[str, str]) -> str:
    named = canonical_json({"participant_id": participant_id} | said)
    return f"{what}-{b64url_encode(hashlib.sha256(named).digest())}"


def _keys(office: Office, participant_id: str) -> list[dict[str, Any]]:
    return _shown(office.ask(f"/v1/participants/{quote(participant_id, safe='')}", keys=list))


def _participants(office: Office) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Every participant and its keys, page by page."""
    after = ""
    while True:
        page = office.ask(f"/v1/participants{after}", next=None)
        for each in items(page, "participants"):
            yield have(each, {"participant_id": str})["participant_id"], _shown(each)
        if page["next"] is None:
            return
        after = f"?after={quote(str(page['next']), safe='')}"


def _shown(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [{name: have(each, _MEMBERS)[name] for name in _MEMBERS} for each in items(document, "keys")]


def _key(office: Office, participant_id: str, key_id: str) -> dict[str, Any]:
    found = next((each for each in _keys(office, participant_id) if each["key_id"] == key_id), None)
    if found is None:
        raise Failure(f"key-unknown: the registry shows no key {key_id} of {participant_id}")
    return found
