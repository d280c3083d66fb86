"""`clearline registry witness`: the operator admits, removes and lists the witnesses of the log's heads."""

from typing import Any, Final

import click

from cli.options import PublicKeyParam
from cli.output import one_line, say, tell
from cli.registry_calls import Office, office_options
from client.resources import log
from protocol.messages.log import NewWitness, Witness
from protocol.wire.codec import write

_MEMBERS: Final = ("name", "participant_id", "vkey", "url", "added_at", "removed_at")
"""The members of a witness that are shown."""


@click.group("witness")
def witness() -> None:
    """Choose the witnesses of the access log."""


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
    new = NewWitness(participant_id=participant, name=name, public_key=public_key, url=witness_url)
    with office.open() as registry:
        tell(_shown(log.admit_witness(registry, new)), as_json=as_json)


@witness.command("list", short_help="List the witnesses.")
@office_options
def list_witnesses(office: Office, *, as_json: bool) -> None:
    """List the witnesses, one a line, those that were removed too. Signed by the operator.

    \b
    Example:
      clearline registry witness list \\
        --url https://registry.example --registry-key registry.pub --key operator.pem --key-id operator-1
    """
    with office.open() as registry:
        witnesses = log.witnesses(registry).witnesses
    for admitted in witnesses:
        click.echo(one_line(_shown(admitted), as_json=as_json))
    say(f"witnesses: {len(witnesses)}")


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
    with office.open() as registry:
        tell(_shown(log.remove_witness(registry, name)), as_json=as_json)


def _shown(admitted: Witness) -> dict[str, Any]:
    members = write(admitted)
    return {name: members[name] for name in _MEMBERS}
