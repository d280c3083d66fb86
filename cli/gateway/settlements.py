"""`clearline gateway settle`: report that a debt to this carrier is settled."""

from pathlib import Path

import click

from cli.options import config_option, json_option, read_object
from cli.outcome import Failure
from cli.output import tell
from gateway import settings
from gateway.local.requests import read_payment
from gateway.wiring import build
from protocol.wire.codec import write


@click.command()
@click.option("--idempotency-key", help="Names this settlement, so that a repetition settles nothing twice.")
@click.option("--waive-rest", is_flag=True, help="Give up what a FULL payment leaves of the debt.")
@config_option("gateway.toml")
@json_option
def settle(config: Path, idempotency_key: str | None, *, waive_rest: bool, as_json: bool) -> None:
    """Report that a debt to this carrier is settled (JSON on standard input); prints the clearance if there is one.

    FULL covers what was owed on the day of settled_at. One that does not is refused with missing_fen, what it leaves;
    report it as PARTIAL, or close the debt with --waive-rest.

    With [log] in the settings the log's receipt is verified and kept, and its file named. One that is not there within
    two seconds is pending: fetch it with `clearline gateway receipt`. Exit 1 if it is invalid; the settlement stands.

    \b
    Example:
      clearline gateway settle --json < payment.json
    \b
    payment.json (kind is FULL, PARTIAL or WAIVER; settled_at goes with --idempotency-key):
      {"document": {"kind": "RESIDENT_ID", "number": "..."}, "account": "A000000001",
       "kind": "FULL", "amount_fen": 12345, "settled_at": "2026-11-21T04:00:00.000000Z"}
    """
    said = read_object("a payment") | ({"waive_rest": True} if waive_rest else {})
    payment, key = read_payment(said, idempotency_key)
    with build(settings.load(config)) as here:
        settled = here.settle(payment, idempotency_key=key)
        noted = here.note_receipt(settled.settlement_id)
    tell(write(settled) | ({} if noted is None else noted.to_answer()), as_json=as_json)
    if noted is not None and noted.refused is not None:
        raise Failure(f"settled, but without a receipt that holds: {noted.refused}")
