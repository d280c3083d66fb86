"""`clearline gateway dispute` and `clearline registry dispute`: a case from its filing to its decision."""

from pathlib import Path
from typing import Final
from uuid import UUID

import click

from cli.options import FILE, config_option, json_option, read_object
from cli.output import tell
from cli.registry_calls import ask_registry, file_signer
from gateway import settings
from gateway.gateway import Gateway
from gateway.local_requests import read_complaint
from gateway.wiring import build
from protocol.codes import DisputeAnswer, DisputeDecision

_ANSWER: Final = click.Choice([each.value for each in DisputeAnswer])
_DECISION: Final = click.Choice([each.value for each in DisputeDecision])


@click.group("dispute")
def dispute() -> None:
    """Disputes: file one for a subject at the counter, answer one as the creditor, add documents."""


@dispute.command("file")
@click.option("--idempotency-key", help="Names this filing, so that a repetition files nothing twice.")
@config_option("gateway.toml")
@json_option
def file_(config: Path, idempotency_key: str | None, *, as_json: bool) -> None:
    """File a dispute (JSON on standard input); the records block nobody from then on.

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


@dispute.command()
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


@dispute.command()
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


@click.group("dispute")
def decided() -> None:
    """Disputes, for an adjudicator who is no party to them."""


@decided.command()
@click.argument("dispute_id", type=click.UUID)
@click.argument("decision", type=_DECISION)
@click.option("--url", required=True, help="The registry's public URL.")
@click.option("--key", type=FILE, required=True, help="The adjudicator's signing key (PEM).")
@click.option("--key-id", required=True, help="The name of that key.")
@json_option
def decide(dispute_id: UUID, decision: str, url: str, key: Path, key_id: str, *, as_json: bool) -> None:
    """Decide a case: UPHOLD (it must be answered), WITHDRAW, or VOID for a stolen identity. Safe to repeat.

    \b
    Example:
      clearline registry dispute decide 0198c2c4-0000-7000-8000-000000000000 UPHOLD \\
        --url https://registry.example --key court.pem --key-id court-1
    """
    document = ask_registry(
        url.rstrip("/"),
        file_signer(key, key_id),
        "POST",
        f"/v1/disputes/{dispute_id}/decision",
        body={"decision": decision},
        idempotency_key=f"dispute-{decision}-{dispute_id}",
    )
    tell(document, as_json=as_json)


def _open(config: Path) -> Gateway:
    return build(settings.load(config))
