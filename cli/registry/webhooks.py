"""`clearline registry webhook`: admit and show the URLs to which events are delivered, as the operator."""

import click

from cli.output import tell
from cli.registry_calls import Office, office_options
from client.resources import webhooks
from protocol.messages.limits import MAX_POSITION
from protocol.messages.webhooks import NewWebhook


@click.group()
def webhook() -> None:
    """Webhooks of participants, for the operator."""


@webhook.command()
@click.argument("participant_id")
@click.option("--to", required=True, metavar="URL", help="Where the events go: https, at the participant.")
@click.option(
    "--behind",
    type=click.IntRange(0, MAX_POSITION),
    default=0,
    help="Begin behind this position; an earlier one replays.",
)
@office_options
def admit(participant_id: str, to: str, behind: int, office: Office, *, as_json: bool) -> None:
    """Deliver PARTICIPANT_ID's events to a URL. Safe to repeat.

    \b
    Example:
      clearline registry webhook admit carrier-a --to https://events.carrier-a.example/clearline \\
        --url https://registry.example --registry-key registry.pub --key operator.pem --key-id operator-1
    """
    with office.open() as registry:
        tell(webhooks.admit(registry, participant_id, NewWebhook(url=to, after=behind)), as_json=as_json)


@webhook.command()
@click.argument("participant_id")
@office_options
def show(participant_id: str, office: Office, *, as_json: bool) -> None:
    """Show how far a webhook is. What was given up is told too.

    \b
    Example:
      clearline registry webhook show carrier-a \\
        --url https://registry.example --registry-key registry.pub --key operator.pem --key-id operator-1
    """
    with office.open() as registry:
        tell(webhooks.read(registry, participant_id), as_json=as_json)
