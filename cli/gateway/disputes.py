"""`clearline gateway dispute`: file a dispute, answer one as the creditor, and add papers."""

from pathlib import Path
from typing import Final
from uuid import UUID

import click

from cli.options import (
    FILE,
    NEW_FILE,
    config_option,
    json_option,
    read_object,
    refuse_existing,
    write_secret,
)
from cli.output import one_line, tell
from client.resources import disputes
from gateway import settings
from gateway.counter.disputes import add_paper
from gateway.gateway import Gateway
from gateway.local.requests import read_complaint, read_statement_request
from gateway.wiring import build
from protocol.codes import DisputeAnswer
from protocol.messages.disputes import DisputeDocument, NewDisputeDocument
from protocol.messages.limits import MAX_DOCUMENT_BYTES
from protocol.states import DisputeState, Side
from protocol.wire.codec import message_of

_ANSWER: Final = click.Choice([each.value for each in DisputeAnswer])
_SIDE: Final = click.Choice([each.value for each in Side])
_STATE: Final = click.Choice([each.value for each in DisputeState])


@click.group("dispute")
def dispute() -> None:
    """Disputes: file one for a subject at the counter, answer one as the creditor, add documents."""


@dispute.command("file", short_help="File a dispute for a subject.")
@click.option("--idempotency-key", help="Names this filing, so that a repetition files nothing twice.")
@config_option("gateway.toml")
@json_option
def file_(config: Path, idempotency_key: str | None, *, as_json: bool) -> None:
    """File a dispute (JSON on standard input); the records block nobody from then on.

    With stops_enforcement false a record goes on blocking while it is heard: its figures were judged before.

    \b
    Example:
      clearline gateway dispute file < complaint.json
    \b
    complaint.json (ground is NOT_MY_DEBT, ALREADY_PAID, WRONG_AMOUNT, NO_NOTICE or IDENTITY_THEFT;
    creditor and service_class narrow it and may be left out):
      {"document": {"kind": "RESIDENT_ID", "number": "..."}, "ground": "ALREADY_PAID", "creditor": "carrier-a"}
    """
    complaint, key = read_complaint(read_object("a complaint"), idempotency_key)
    with _open(config) as here:
        tell(here.file_dispute(complaint, idempotency_key=key), as_json=as_json)


@dispute.command(short_help="Show a case of this carrier.")
@click.argument("dispute_id", type=click.UUID)
@config_option("gateway.toml")
@json_option
def show(dispute_id: UUID, config: Path, *, as_json: bool) -> None:
    """Show a case that this carrier filed or is the creditor of: its state and its days.

    \b
    Example:
      clearline gateway dispute show 0198c2c4-0000-7000-8000-000000000000
    """
    with _open(config) as here:
        tell(disputes.read(here.registry, dispute_id), as_json=as_json)


@dispute.command(short_help="Answer a case as the creditor.")
@click.argument("dispute_id", type=click.UUID)
@click.argument("said", type=_ANSWER)
@config_option("gateway.toml")
@json_option
def answer(dispute_id: UUID, said: str, config: Path, *, as_json: bool) -> None:
    """Answer a case as the creditor: CONCEDED takes the record back, anything else stands by it. Safe to repeat.

    \b
    Example:
      clearline gateway dispute answer 0198c2c4-0000-7000-8000-000000000000 CONTRACT_SHOWN
    """
    with _open(config) as here:
        tell(disputes.answer(here.registry, dispute_id, DisputeAnswer(said)), as_json=as_json)


@dispute.command("list", short_help="List the cases of this carrier.")
@click.option("--state", type=_STATE, help="Only cases in this state.")
@config_option("gateway.toml")
@json_option
def list_(state: str | None, config: Path, *, as_json: bool) -> None:
    """List the cases that this carrier filed or is the creditor of, oldest first. One case a line.

    \b
    Example:
      clearline gateway dispute list --state OPEN --json
    """
    with _open(config) as here:
        for case in disputes.every(here.registry, None if state is None else DisputeState(state)):
            click.echo(one_line(case, as_json=as_json))


@dispute.command("add-document", short_help="Add a PDF, PNG or JPEG to a case.")
@click.argument("dispute_id", type=click.UUID)
@click.argument("file", type=FILE)
@click.option("--side", type=_SIDE, default=Side.FILER.value, show_default=True, help="For whom it is added.")
@config_option("gateway.toml")
@json_option
def add_document(dispute_id: UUID, file: Path, side: str, config: Path, *, as_json: bool) -> None:
    """Add a PDF, PNG or JPEG of at most 2 MiB to a case; it is sealed at the registry. Safe to repeat.

    \b
    Example:
      clearline gateway dispute add-document 0198c2c4-0000-7000-8000-000000000000 receipt.pdf
    """
    with file.open("rb") as opened:
        content = opened.read(MAX_DOCUMENT_BYTES + 1)
    with _open(config) as here:
        paper = NewDisputeDocument(side=Side(side), content=content)
        tell(add_paper(here.registry, dispute_id, paper), as_json=as_json)


@dispute.command()
@click.argument("dispute_id", type=click.UUID)
@config_option("gateway.toml")
@json_option
def documents(dispute_id: UUID, config: Path, *, as_json: bool) -> None:
    """List the documents of both sides of a case. One document a line.

    \b
    Example:
      clearline gateway dispute documents 0198c2c4-0000-7000-8000-000000000000
    """
    with _open(config) as here:
        for paper in disputes.papers(here.registry, dispute_id).documents:
            click.echo(one_line(paper, as_json=as_json))


@dispute.command("read-document", short_help="Fetch a document of a case; it is logged.")
@click.argument("dispute_id", type=click.UUID)
@click.argument("document_id", type=click.UUID)
@click.option("--out", type=NEW_FILE, required=True, help="Where the document is written.")
@config_option("gateway.toml")
@json_option
def read_document(dispute_id: UUID, document_id: UUID, out: Path, config: Path, *, as_json: bool) -> None:
    """Fetch a document of a case, as its filer or its creditor; each reading is logged.

    \b
    Example:
      clearline gateway dispute read-document 0198c2c4-0000-7000-8000-000000000000 \\
        0198c2c4-0000-7000-8000-000000000001 --out receipt.pdf
    """
    refuse_existing(out)
    with _open(config) as here:
        paper = disputes.open_paper(here.registry, dispute_id, document_id)
    write_secret(out, paper.content)
    tell(message_of(DisputeDocument, paper), as_json=as_json)


def _open(config: Path) -> Gateway:
    return build(settings.load(config))


@click.command("renew-marker")
@config_option("gateway.toml")
@json_option
def renew_marker(config: Path, *, as_json: bool) -> None:
    """Renew the marker of a stolen identity: its victim stands here, with its document as JSON on standard input.

    The marker sends its bearer to a counter for every new line. It is renewed before it ends; only an adjudicator
    begins one. Safe to repeat.

    \b
    Example:
      clearline gateway renew-marker < person.json
    \b
    person.json:
      {"document": {"kind": "RESIDENT_ID", "number": "..."}}
    """
    identity, _, _ = read_statement_request(read_object("a person"), None)
    with _open(config) as here:
        tell(here.renew_marker(identity), as_json=as_json)
