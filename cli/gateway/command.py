"""`clearline gateway`: a carrier's own side, from reporting an export to checking a clearance without a network."""

from pathlib import Path
from uuid import UUID

import click

from cli.gateway.bulk import check, report
from cli.gateway.clearances import public_keys, verify_clearance_file
from cli.gateway.collected import answer_collection, collect, net_statement
from cli.gateway.disassociations import rebut, withdraw_rebuttal
from cli.gateway.disputes import dispute
from cli.gateway.evidence import confirm, show_evidence
from cli.gateway.key_switch import custodians, use_key
from cli.gateway.local_service import revoke_token, serve, token, tokens
from cli.gateway.log import receipt, vkeys, witness
from cli.gateway.plans import plan
from cli.gateway.quotes import quote
from cli.gateway.records import records
from cli.gateway.reversals import reversal
from cli.gateway.rules import terms
from cli.gateway.statements import statement
from cli.gateway.take_outs import take_outs
from cli.gateway.transfers import transfer
from cli.gateway.withdrawals import withdraw, withdraw_report
from cli.options import FILE, NEW_FILE, config_option, json_option, read_object
from cli.outcome import Failure
from cli.output import one_line, say, tell
from gateway import settings
from gateway.counter.events import EVENTS_DROPPED, dropped_words
from gateway.counter.settlements import VerifiedClearance
from gateway.gateway import Gateway
from gateway.local.requests import read_candidate, read_payment
from gateway.wiring import build
from protocol.encodings import b64url_encode, format_time
from protocol.wire.codec import write


@click.group(short_help="Work on a carrier's own side.")
def gateway() -> None:
    """Work on a carrier's own side: the only place where identity numbers exist.

    Identity numbers are never given as arguments (a process list shows those): they come from a file or from
    standard input.
    """


@gateway.command(short_help="Report that a debt is settled.")
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
    with _open(config) as here:
        settled = here.settle(payment, idempotency_key=key)
        noted = here.note_receipt(settled.settlement_id)
    tell(write(settled) | ({} if noted is None else noted.to_answer()), as_json=as_json)
    if noted is not None and noted.refused is not None:
        raise Failure(f"settled, but without a receipt that holds: {noted.refused}")


gateway.add_command(report)
gateway.add_command(check)
gateway.add_command(collect)
gateway.add_command(answer_collection)
gateway.add_command(net_statement)
gateway.add_command(dispute)
gateway.add_command(plan)
gateway.add_command(reversal)
gateway.add_command(terms)
gateway.add_command(rebut)
gateway.add_command(statement)
gateway.add_command(withdraw_rebuttal)
gateway.add_command(confirm)
gateway.add_command(show_evidence)
gateway.add_command(records)
gateway.add_command(quote)
gateway.add_command(take_outs)
gateway.add_command(transfer)
gateway.add_command(withdraw)
gateway.add_command(withdraw_report)
gateway.add_command(vkeys)
gateway.add_command(witness)
gateway.add_command(receipt)
gateway.add_command(serve)
gateway.add_command(token)
gateway.add_command(tokens)
gateway.add_command(revoke_token)
gateway.add_command(use_key)
gateway.add_command(custodians)


@gateway.group("red-list", short_help="Propose entries of the red list.")
def red_list() -> None:
    """Propose organisations that are served despite arrears."""


@red_list.command(short_help="Propose an organisation for the red list.")
@click.option("--idempotency-key", help="Names this proposal, so that a repetition proposes nothing twice.")
@config_option("gateway.toml")
@json_option
def propose(config: Path, idempotency_key: str | None, *, as_json: bool) -> None:
    """Propose an organisation (JSON on standard input); it counts once two others, operator or regulator, approve.

    \b
    Example:
      clearline gateway red-list propose < hospital.json
    \b
    hospital.json (ground is EMERGENCY_SERVICE, HOSPITAL, SCHOOL, GOVERNMENT, UTILITY or COURT_ORDER;
    expires_on is the first day on which the entry no longer holds, at most a year ahead):
      {"document": {"kind": "ENTERPRISE", "number": "..."}, "ground": "HOSPITAL", "expires_on": "2027-11-01"}
    """
    candidate, key = read_candidate(read_object("an organisation"), idempotency_key)
    with _open(config) as here:
        tell(here.propose_red_list(candidate, idempotency_key=key), as_json=as_json)


@gateway.command()
@click.argument("clearance_id", type=click.UUID)
@click.option("--out", type=NEW_FILE, help="Write the clearance itself to a file as well.")
@config_option("gateway.toml")
@json_option
def clearance(clearance_id: UUID, out: Path | None, config: Path, *, as_json: bool) -> None:
    """Fetch a clearance by its id.

    \b
    Example:
      clearline gateway clearance 0198c2c4-0000-7000-8000-000000000000 --out clearance.jws
    """
    with _open(config) as here:
        found = here.clearance(clearance_id)
    if out is not None:
        out.write_text(f"{found.clearance}\n", encoding="ascii")
    tell(found, as_json=as_json)


@gateway.command(short_help="Print new events for this carrier.")
@click.option("--cursor", type=NEW_FILE, required=True, help="The file that keeps how far events were read.")
@config_option("gateway.toml")
@json_option
def events(cursor: Path, config: Path, *, as_json: bool) -> None:
    """Print this carrier's new events: records that no longer block, corrections, deadlines. One event a line.

    The cursor moves when a page is printed: after an interruption some events are printed again, none is left out.
    EVENTS_DROPPED marks lost events; after a restore the registry sends all events that it has from the first on.

    \b
    Example:
      clearline gateway events --cursor events.cursor --json
    """
    with _open(config) as here:
        for each in here.events(cursor):
            click.echo(one_line(each, as_json=as_json))
            if each["kind"] == EVENTS_DROPPED:
                say(dropped_words(each))


@gateway.command("public-keys", short_help="Write the keys that check clearances.")
@click.argument("participants", nargs=-1, required=True)
@click.option("--out", type=NEW_FILE, required=True, help="The file to write.")
@config_option("gateway.toml")
def fetch_public_keys(participants: tuple[str, ...], out: Path, config: Path) -> None:
    """Write the public keys that checking clearances offline needs: the registry's and those of PARTICIPANTS.

    \b
    Example:
      clearline gateway public-keys carrier-a carrier-b --out public-keys.json
    """
    with _open(config) as here:
        out.write_bytes(public_keys(here, participants))


@gateway.command("verify-clearance", short_help="Check a clearance offline.")
@click.argument("file", type=FILE)
@click.option("--keys", type=FILE, required=True, help="Public keys, from `clearline gateway public-keys`.")
@json_option
def verify_clearance(file: Path, keys: Path, *, as_json: bool) -> None:
    """Check a clearance offline: the registry's signature, and the carrier's inside it. Exit 1 if it is invalid.

    \b
    Example:
      clearline gateway verify-clearance clearance.jws --keys public-keys.json
    """
    said = verify_clearance_file(file, keys)
    tell(
        {
            "clearance_id": str(said.clearance_id),
            "issuer": said.issuer,
            "issued_at": format_time(said.issued_at),
            **_said_by(said),
            "kind": said.kind.value,
            "amount_fen": said.amount_fen,
            "settled_at": format_time(said.settled_at),
            **({"waive_rest": True} if said.waive_rest else {}),
        },
        as_json=as_json,
    )


def _said_by(said: VerifiedClearance) -> dict[str, str]:
    if said.creditor is None:
        return {"collector": said.collector or "", "quote_digest": b64url_encode(said.quote_digest or b"")}
    return {"creditor": said.creditor, "account_ref": b64url_encode(said.account_ref or b"")}


def _open(config: Path) -> Gateway:
    return build(settings.load(config))
