"""`clearline registry witness`: the operator admits and removes who may cosign the log's heads, and lists them."""

import hashlib
from typing import Any, Final
from urllib.parse import quote

import click

from cli.options import PublicKeyParam
from cli.output import one_line, say, tell
from cli.registry_calls import Office, office_options
from client.answers import have, items
from protocol.encodings import b64url_encode, canonical_json

_MEMBERS: Final[dict[str, type | None]] = {
    "name": str,
    "participant_id": str,
    "vkey": str,
    "url": None,
    "added_at": str,
    "removed_at": None,
}
"""The members of a witness that are shown."""


@click.group("witness", short_help="Admit and remove witnesses.")
def witness() -> None:
    """Whose cosignatures under the access log's heads count."""


@witness.command(short_help="Count a witness's cosignatures.")
@click.argument("name")
@click.option("--participant", required=True, help="The participant whose witness it is.")
@click.option("--public-key", type=PublicKeyParam(), required=True, help="Its 32 bytes in base64url, or a file.")
@click.option("--witness-url", help="Where it is fed (c2sp.org/tlog-witness), if it does not come by itself.")
@office_options
def admit(
    name: str,
    participant: str,
    public_key: bytes,
    witness_url: str | None,
    *,
    office: Office,
    as_json: bool,
) -> None:
    """Count the cosignatures of the witness NAME from now on. Signed by the operator; safe to repeat.

    \b
    Example:
      clearline registry witness admit carrier-a.example/witness --participant carrier-a --public-key <key> \\
        --url https://registry.example --registry-key registry.pub --key operator.pem --key-id operator-1
    """
    new: dict[str, Any] = {"participant_id": participant, "name": name, "public_key": b64url_encode(public_key)}
    if witness_url is not None:
        new["url"] = witness_url
    found = admit_witness(office, new)
    tell({each: found[each] for each in _MEMBERS}, as_json=as_json)


@witness.command("list", short_help="List the witnesses.")
@office_options
def list_witnesses(office: Office, *, as_json: bool) -> None:
    """List the witnesses, one a line, those that were removed too. Signed by the operator.

    \b
    Example:
      clearline registry witness list \\
        --url https://registry.example --registry-key registry.pub --key operator.pem --key-id operator-1
    """
    found = [have(each, _MEMBERS) for each in items(office.ask("/v1/witnesses"), "witnesses")]
    for each in found:
        click.echo(one_line({name: each[name] for name in _MEMBERS}, as_json=as_json))
    say(f"witnesses: {len(found)}")


@witness.command(short_help="Count a witness's cosignatures no more.")
@click.argument("name")
@office_options
def remove(name: str, office: Office, *, as_json: bool) -> None:
    """Count the cosignatures of the witness NAME no more, for ever. Signed by the operator; safe to repeat.

    \b
    Example:
      clearline registry witness remove carrier-a.example/witness \\
        --url https://registry.example --registry-key registry.pub --key operator.pem --key-id operator-1
    """
    once = f"witness-removal-{b64url_encode(hashlib.sha256(name.encode()).digest())}"
    found = office.tell(f"/v1/witnesses/{quote(name)}/removal", {}, once, **_MEMBERS)
    tell({each: found[each] for each in _MEMBERS}, as_json=as_json)


def admit_witness(office: Office, new: dict[str, Any]) -> dict[str, Any]:
    """POST one witness as the operator. The same call again gives the same answer."""
    once = f"witness-{b64url_encode(hashlib.sha256(canonical_json(new)).digest())}"
    return office.tell("/v1/witnesses", new, once, **_MEMBERS)
