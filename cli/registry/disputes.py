"""`clearline registry dispute`: read cases as an office; open their papers and decide as an adjudicator."""

from pathlib import Path
from typing import Final
from uuid import UUID

import click

from cli.options import NEW_FILE, refuse_existing, write_secret
from cli.output import tell
from cli.readings import reading_options
from cli.registry_calls import Office, office_options
from client.resources import disputes
from protocol.codes import DisputeDecision
from protocol.messages.disputes import DisputeDocument, DisputesQuery
from protocol.states import DisputeState
from protocol.wire.codec import message_of

_STATE: Final = click.Choice([each.value for each in DisputeState])
_DECISION: Final = click.Choice([each.value for each in DisputeDecision])


@click.group("dispute")
def dispute() -> None:
    """Disputes, for an adjudicator who is no party to them; an auditor and a regulator read the cases."""


@dispute.command(short_help="Decide a case.")
@click.argument("dispute_id", type=click.UUID)
@click.argument("decision", type=_DECISION)
@office_options
def decide(dispute_id: UUID, decision: str, office: Office, *, as_json: bool) -> None:
    """Decide a case: UPHOLD (it must be answered), WITHDRAW, or VOID for a stolen identity. Safe to repeat.

    STOP closes nothing: a record that blocks while a further ground is heard blocks nobody until the decision.

    \b
    Example:
      clearline registry dispute decide 0198c2c4-0000-7000-8000-000000000000 UPHOLD \\
        --url https://registry.example --registry-key registry.pub --key court.pem --key-id court-1
    """
    with office.open() as registry:
        tell(disputes.decide(registry, dispute_id, DisputeDecision(decision)), as_json=as_json)


@dispute.command("list", short_help="List the cases that wait for a decision.")
@click.option("--state", type=_STATE, default="ANSWERED", show_default=True, help="Cases in this state.")
@click.option("--after", type=click.UUID, help="Behind this case.")
@office_options
@reading_options
def list_all(state: str, after: UUID | None, office: Office, *, as_json: bool) -> None:
    """List a page of cases, those that wait for a decision unless another state is asked for.

    \b
    Example:
      clearline registry dispute list \\
        --url https://registry.example --registry-key registry.pub --key court.pem --key-id court-1
    """
    with office.open() as registry:
        tell(disputes.page(registry, DisputesQuery(state=DisputeState(state), after=after)), as_json=as_json)


@dispute.command("documents")
@click.argument("dispute_id", type=click.UUID)
@office_options
@reading_options
def list_documents(dispute_id: UUID, office: Office, *, as_json: bool) -> None:
    """List the documents of both sides of a case.

    \b
    Example:
      clearline registry dispute documents 0198c2c4-0000-7000-8000-000000000000 \\
        --url https://registry.example --registry-key registry.pub --key court.pem --key-id court-1
    """
    with office.open() as registry:
        tell(disputes.papers(registry, dispute_id), as_json=as_json)


@dispute.command("read-document", short_help="Fetch a document of a case; it is logged.")
@click.argument("dispute_id", type=click.UUID)
@click.argument("document_id", type=click.UUID)
@click.option("--out", type=NEW_FILE, required=True, help="Where the document is written.")
@office_options
@reading_options
def read_as_judge(dispute_id: UUID, document_id: UUID, *, out: Path, office: Office, as_json: bool) -> None:
    """Fetch a document of a case; each reading is logged.

    \b
    Example:
      clearline registry dispute read-document 0198c2c4-0000-7000-8000-000000000000 \\
        0198c2c4-0000-7000-8000-000000000001 --out contract.pdf \\
        --url https://registry.example --registry-key registry.pub --key court.pem --key-id court-1
    """
    refuse_existing(out)
    with office.open() as registry:
        paper = disputes.open_paper(registry, dispute_id, document_id)
    write_secret(out, paper.content)
    tell(message_of(DisputeDocument, paper), as_json=as_json)


@dispute.command("show", short_help="Show a case; it is logged.")
@click.argument("dispute_id", type=click.UUID)
@office_options
@reading_options
def show(dispute_id: UUID, office: Office, *, as_json: bool) -> None:
    """Show a case: its state, figures, ground, days, answer and outcome.

    \b
    Example:
      clearline registry dispute show 0198c2c4-0000-7000-8000-000000000000 \\
        --config office.toml --url https://registry.example --registry-key registry.pub \\
        --key auditor.pem --key-id auditor-1
    """
    with office.open() as registry:
        tell(disputes.read(registry, dispute_id), as_json=as_json)
