"""`clearline registry order`, `void` and `archive`: orders and findings on a record, and a sealed one opened."""

import hashlib
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import click

from cli.options import FILE, json_option
from cli.output import tell
from cli.registry_calls import ask_registry, file_signer
from gateway.peer import Signer
from protocol.encodings import b64url_encode

_ORDERS: Final = {"FREEZE": "freeze", "UNFREEZE": "unfreeze", "DISCHARGE": "discharge"}


@click.command("order")
@click.argument("record_id", type=click.UUID)
@click.argument("order", type=click.Choice(list(_ORDERS)))
@click.option("--paper", type=FILE, required=True, help="The order itself; only its SHA-256 is sent.")
@click.option("--url", required=True, help="The registry's public URL.")
@click.option("--key", type=FILE, required=True, help="The regulator's signing key (PEM).")
@click.option("--key-id", required=True, help="The name of that key.")
@json_option
def ordered(record_id: UUID, order: str, *, paper: Path, url: str, key: Path, key_id: str, as_json: bool) -> None:
    """Freeze a record, unfreeze it, or discharge it, as a regulator. Safe to repeat with the same paper.

    A paper orders a thing once: what it froze and another one unfroze is frozen again by a new paper alone, and until
    then a repetition shows what the first time did.

    \b
    Example:
      clearline registry order 0198c2c4-0000-7000-8000-000000000000 FREEZE --paper order.pdf \\
        --url https://registry.example --key regulator.pem --key-id regulator-1
    """
    path = f"/v1/records/{record_id}/{_ORDERS[order]}"
    tell(
        _send(path, "order_reference", paper, f"{order}-{record_id}", url=url, signer=file_signer(key, key_id)),
        as_json=as_json,
    )


@click.command("void")
@click.argument("record_id", type=click.UUID)
@click.option("--paper", type=FILE, required=True, help="The finding itself; only its SHA-256 is sent.")
@click.option("--url", required=True, help="The registry's public URL.")
@click.option("--key", type=FILE, required=True, help="The adjudicator's signing key (PEM).")
@click.option("--key-id", required=True, help="The name of that key.")
@json_option
def voided(record_id: UUID, *, paper: Path, url: str, key: Path, key_id: str, as_json: bool) -> None:
    """Close a record whose identity was stolen and mark the victim, as an adjudicator. Safe to repeat.

    \b
    Example:
      clearline registry void 0198c2c4-0000-7000-8000-000000000000 --paper finding.pdf \\
        --url https://registry.example --key court.pem --key-id court-1
    """
    path = f"/v1/records/{record_id}/void"
    tell(
        _send(path, "finding_digest", paper, f"VOID-{record_id}", url=url, signer=file_signer(key, key_id)),
        as_json=as_json,
    )


def _send(path: str, member: str, paper: Path, key: str, *, url: str, signer: Signer) -> dict[str, Any]:
    """Send the SHA-256 of a paper; the same paper to the same end is the same request."""
    with paper.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    return ask_registry(
        url.rstrip("/"),
        signer,
        "POST",
        path,
        body={member: b64url_encode(digest.digest())},
        idempotency_key=f"{key}-{digest.hexdigest()[:32]}",
    )


@click.command("archive")
@click.argument("record_id", type=click.UUID)
@click.option("--url", required=True, help="The registry's public URL.")
@click.option("--key", type=FILE, required=True, help="The auditor's or regulator's signing key (PEM).")
@click.option("--key-id", required=True, help="The name of that key.")
@json_option
def archived(record_id: UUID, url: str, key: Path, key_id: str, *, as_json: bool) -> None:
    """Open a sealed record, as an auditor or a regulator; the reading is logged.

    \b
    Example:
      clearline registry archive 0198c2c4-0000-7000-8000-000000000000 \\
        --url https://registry.example --key auditor.pem --key-id auditor-1
    """
    document = ask_registry(url.rstrip("/"), file_signer(key, key_id), "GET", f"/v1/archive/{record_id}")
    tell(document, as_json=as_json)
