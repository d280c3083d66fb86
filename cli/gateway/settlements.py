"""`clearline gateway settle`: report that debts to this carrier are settled, one or a file of them."""

from dataclasses import asdict
from pathlib import Path

import click

from cli.options import FILE, NEW_FILE, config_option, json_option, read_object
from cli.outcome import Failure
from cli.output import progress, say, tell
from gateway import settings
from gateway.bulk.file_guards import NOTHING_KNOWN, Consent
from gateway.bulk.settle import SettleSummary, settle_file
from gateway.local.requests import read_payment
from gateway.wiring import build
from protocol.wire.codec import write


@click.command()
@click.argument("file", type=FILE, required=False)
@click.option("--out", type=NEW_FILE, help="With FILE: where the outcomes are written, a line for each payment.")
@click.option("--only-rejected", type=NEW_FILE, help="With FILE: write the refused rows there as they are, to mend.")
@click.option("--restart", is_flag=True, help="With FILE: give up an earlier run that has the same --out.")
@click.option("--accept-numbers", is_flag=True, help="With FILE: go on although numbers look damaged.")
@click.option("--accept-old", is_flag=True, help="With FILE: go on although payments are older than is remembered.")
@click.option("--idempotency-key", help="Names this settlement, so that a repetition settles nothing twice.")
@click.option("--waive-rest", is_flag=True, help="Give up what a FULL payment leaves of the debt.")
@config_option("gateway.toml")
@json_option
def settle(
    file: Path | None,
    out: Path | None,
    only_rejected: Path | None,
    config: Path,
    idempotency_key: str | None,
    *,
    restart: bool,
    accept_numbers: bool,
    accept_old: bool,
    waive_rest: bool,
    as_json: bool,
) -> None:
    """Report settled debts to this carrier: one as JSON on standard input, or a CSV FILE of payments.

    FULL covers what was owed on the day of settled_at. One that does not is refused with missing_fen, what it leaves;
    report it as PARTIAL, or close the debt with --waive-rest.

    With [log] in the settings the log's receipt is verified and kept, and its file named. One that is not there within
    two seconds is pending: fetch it with `clearline gateway receipt`. Exit 1 if it is invalid; the settlement stands.

    FILE may be the verdicts of a report, with the columns kind, settled_at and amount_yuan filled in where somebody
    paid; rows without a kind are left out. Interrupted? The same command again goes on; nothing is doubled. Exit 1 too
    if each payment is refused.

    \b
    account       as the export spells it
    kind          FULL, PARTIAL or WAIVER
    amount_yuan   123.45, or amount_fen in its place: 12345
    settled_at    2026-11-21 12:00 (Beijing), 2026-11-21, or 2026-11-21T04:00:00.000000Z
    record_id     of the verdicts; or document_kind, document_number, document_issuer
    may be        waive_rest (YES), payment (the number of a payment)
    \b
    Examples:
      clearline gateway settle payments.csv --out settled.csv --only-rejected mend.csv
      clearline gateway settle --json < payment.json
    \b
    payment.json (kind is FULL, PARTIAL or WAIVER; settled_at goes with --idempotency-key):
      {"document": {"kind": "RESIDENT_ID", "number": "..."}, "account": "A000000001",
       "kind": "FULL", "amount_fen": 12345, "settled_at": "2026-11-21T04:00:00.000000Z"}
    """
    consent = Consent(accept_numbers=accept_numbers, accept_old=accept_old)
    if file is None:
        if out or only_rejected or restart or consent != NOTHING_KNOWN:
            raise click.UsageError("--out, --only-rejected, --restart and --accept-... go with a FILE")
        _settle_one(config, idempotency_key, waive_rest=waive_rest, as_json=as_json)
    elif out is None or idempotency_key or waive_rest:
        raise click.UsageError("a FILE needs --out; its rows name their payments, and may have a column waive_rest")
    else:
        done = _settle_file(config, file, out, only_rejected, consent, restart=restart)
        _tell(done, out, as_json=as_json)


def _settle_file(
    config: Path, file: Path, out: Path, only_rejected: Path | None, consent: Consent, *, restart: bool
) -> SettleSummary:
    with build(settings.load(config)) as here, progress(f"settle {file.name}") as show:
        return settle_file(
            here.tools,
            here.settler,
            source=file,
            output=out,
            today=here.today(),
            note=here.note_receipt,
            only_rejected=only_rejected,
            restart=restart,
            consent=consent,
            on_progress=show,
        )


def _settle_one(config: Path, idempotency_key: str | None, *, waive_rest: bool, as_json: bool) -> None:
    said = read_object("a payment") | ({"waive_rest": True} if waive_rest else {})
    payment, key = read_payment(said, idempotency_key)
    with build(settings.load(config)) as here:
        settled = here.settle(payment, idempotency_key=key)
        noted = here.note_receipt(settled.settlement_id)
    tell(write(settled) | ({} if noted is None else noted.to_answer()), as_json=as_json)
    if noted is not None and noted.refused is not None:
        raise Failure(f"settled, but without a receipt that holds: {noted.refused}")


def _tell(done: SettleSummary, out: Path, *, as_json: bool) -> None:
    """Print the result of a file; raises Failure where nothing was settled, or a receipt is invalid."""
    tell(asdict(done) | {"seconds": round(done.seconds, 3), "output": str(out)}, as_json=as_json)
    if done.sent_again:
        say("the registry was restored since this was settled: each payment was sent again")
    if done.all_refused:
        raise Failure(f"nothing was settled: {done.rows} of {done.rows} payments were refused; {out} says why")
    if done.bad_receipts:
        raise Failure(f"settled, but {done.bad_receipts} without a receipt that holds; {out} names them")
