"""`clearline gateway dispute` and `clearline registry dispute`: a case from its filing to its decision."""

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
from cli.registry_calls import Office, office_options
from client.answers import read
from gateway import settings
from gateway.counter import disputes as disputing
from gateway.counter.disputes import MAX_DOCUMENT_BYTES, Side
from gateway.gateway import Gateway
from gateway.local.requests import read_complaint
from gateway.wiring import build
from protocol.codes import DisputeAnswer, DisputeDecision
from protocol.encodings import b64url_decode

_ANSWER: Final = click.Choice([each.value for each in DisputeAnswer])
_SIDE: Final = click.Choice([each.value for each in Side])
_STATE: Final = click.Choice(["OPEN", "ANSWERED", "SUSPENDED", "CLOSED"])
_DECISION: Final = click.Choice([each.value for each in DisputeDecision])


@click.group("dispute", short_help="File and answer disputes.")
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
        tell(here.registry.dispute(dispute_id), as_json=as_json)


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
        tell(here.registry.answer_dispute(dispute_id, DisputeAnswer(said)), as_json=as_json)


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
        for each in disputing.cases(here.registry, state):
            click.echo(one_line(each, as_json=as_json))


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
        tell(disputing.add_document(here.registry, dispute_id, Side(side), content), as_json=as_json)


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
        for each in disputing.documents(here.registry, dispute_id):
            click.echo(one_line(each, as_json=as_json))


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
        facts, content = disputing.open_document(here.registry, dispute_id, document_id)
    write_secret(out, content)
    tell(facts, as_json=as_json)


@click.group("dispute", short_help="Decide disputes, as an adjudicator.")
def decided() -> None:
    """Disputes, for an adjudicator who is no party to them."""


@decided.command(short_help="Decide a case.")
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
    document = office.tell(
        f"/v1/disputes/{dispute_id}/decision",
        {"decision": decision},
        f"dispute-{decision}-{dispute_id}",
        dispute_id=str,
        state=str,
        outcome=str,
    )
    tell(document, as_json=as_json)


@decided.command("list", short_help="List the cases that wait for a decision.")
@click.option("--state", type=_STATE, default="ANSWERED", show_default=True, help="Cases in this state.")
@click.option("--after", type=click.UUID, help="Behind this case.")
@office_options
def list_all(state: str, after: UUID | None, office: Office, *, as_json: bool) -> None:
    """List a page of cases, those that wait for a decision unless another state is asked for.

    \b
    Example:
      clearline registry dispute list \\
        --url https://registry.example --registry-key registry.pub --key court.pem --key-id court-1
    """
    path = f"/v1/disputes?limit=100&state={state}" + ("" if after is None else f"&after={after}")
    tell(office.ask(path, disputes=list, next=None), as_json=as_json)


@decided.command("documents")
@click.argument("dispute_id", type=click.UUID)
@office_options
def list_documents(dispute_id: UUID, office: Office, *, as_json: bool) -> None:
    """List the documents of both sides of a case.

    \b
    Example:
      clearline registry dispute documents 0198c2c4-0000-7000-8000-000000000000 \\
        --url https://registry.example --registry-key registry.pub --key court.pem --key-id court-1
    """
    tell(office.ask(f"/v1/disputes/{dispute_id}/documents", documents=list), as_json=as_json)


@decided.command("read-document", short_help="Fetch a document of a case; it is logged.")
@click.argument("dispute_id", type=click.UUID)
@click.argument("document_id", type=click.UUID)
@click.option("--out", type=NEW_FILE, required=True, help="Where the document is written.")
@office_options
def read_as_judge(dispute_id: UUID, document_id: UUID, *, out: Path, office: Office, as_json: bool) -> None:
    """Fetch a document of a case; each reading is logged.

    \b
    Example:
      clearline registry dispute read-document 0198c2c4-0000-7000-8000-000000000000 \\
        0198c2c4-0000-7000-8000-000000000001 --out contract.pdf \\
        --url https://registry.example --registry-key registry.pub --key court.pem --key-id court-1
    """
    refuse_existing(out)
    path = f"/v1/disputes/{dispute_id}/documents/{document_id}"
    found = office.ask(path, document_id=str, content=str)
    write_secret(out, read(lambda document: b64url_decode(document.pop("content")), found))
    tell(found, as_json=as_json)


def _open(config: Path) -> Gateway:
    return build(settings.load(config))
