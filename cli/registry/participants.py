"""`clearline registry admit`, `exit` and `participants`: admit members, let them leave, and list them."""

from typing import Any

import click

from cli.options import PublicKeyParam
from cli.output import one_line, say, tell
from cli.registry_calls import Office, office_options
from client.resources import participants
from protocol.codes import Role
from protocol.messages.participants import NewParticipant, Participant
from protocol.wire.codec import write


@click.command()
@click.argument("participant_id")
@click.option("--name", required=True, help="How the participant is called in quotes.")
@click.option(
    "--role",
    "roles",
    type=click.Choice([each.value for each in Role]),
    multiple=True,
    required=True,
    help="May be given several times.",
)
@click.option("--contact", help="How a debtor pays or disputes.")
@click.option("--new-key-id", required=True, help="The name of the participant's first key.")
@click.option("--public-key", type=PublicKeyParam(), required=True, help="Its 32 bytes in base64url, or a file.")
@office_options
def admit(participant_id: str, *, office: Office, as_json: bool, **participant: Any) -> None:
    """Admit PARTICIPANT_ID over the registry's HTTP interface, signed by the operator. Safe to repeat.

    \b
    Example:
      clearline registry admit carrier-a --name "Carrier A" --role REPORTER --role INQUIRER \\
        --new-key-id carrier-a-1 --public-key KEY \\
        --url https://registry.example --registry-key registry.pub --key operator.pem --key-id operator-1
    """
    participant["key_id"] = participant.pop("new_key_id")
    participant["roles"] = tuple(Role(role) for role in participant["roles"])
    new = NewParticipant(participant_id=participant_id, **participant)
    with office.open() as client:
        answer = write(participants.admit(client, new))
    tell({name: answer[name] for name in ("participant_id", "name", "roles", "contact")}, as_json=as_json)


@click.command("exit")
@click.argument("participant_id")
@office_options
def leave(participant_id: str, office: Office, *, as_json: bool) -> None:
    """Let PARTICIPANT_ID leave: its keys are revoked, and its earlier signatures stay valid. Safe to repeat.

    Refused while it has open records, which are counted by state: they are transferred or withdrawn first.

    \b
    Example:
      clearline registry exit carrier-a \\
        --url https://registry.example --registry-key registry.pub --key operator.pem --key-id operator-1
    """
    with office.open() as registry:
        answer = write(participants.let_go(registry, participant_id))
    tell({name: answer[name] for name in ("participant_id", "name", "left_at")}, as_json=as_json)


@click.group("participants")
def members() -> None:
    """Look up the participants. Every participant may, under its own key."""


@members.command("list", short_help="List the participants.")
@office_options
def list_participants(office: Office, *, as_json: bool) -> None:
    """List all participants, one a line, those that left too. With --json also their keys and contacts.

    \b
    Example:
      clearline registry participants list \\
        --url https://registry.example --registry-key registry.pub --key operator.pem --key-id operator-1
    """
    with office.open() as registry:
        admitted = tuple(participants.every(registry))
    for member in admitted:
        click.echo(one_line(member if as_json else _shown(member), as_json=as_json))
    say(f"participants: {len(admitted)}")


def _shown(member: Participant) -> dict[str, Any]:
    """Show a participant on one line; of its keys the ids of those that are good."""
    told = write(member)
    keys = [key["key_id"] for key in told["keys"] if key["revoked_at"] is None]
    return {name: told[name] for name in ("participant_id", "roles", "name", "created_at", "left_at")} | {"keys": keys}
