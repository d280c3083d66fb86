"""`clearline registry exit`: let a member without open records leave, as the operator."""

import click

from cli.output import tell
from cli.registry_calls import Office, office_options
from client.resources import participants
from protocol.wire.codec import write


@click.command("exit", short_help="Let a participant go.")
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
