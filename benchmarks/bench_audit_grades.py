"""Measures an audit of grades: a registry grades thousands of inquiries, and the regulator computes them all again.

`python -m benchmarks.bench_audit_grades` founds a registry, brings the first scorecard into force, lets people owe, pay
and agree on instalments over some weeks, and asks about them in signed batches. Then `clearline audit grade --all` runs
over its log on loopback; at last the registry lies in one inquiry, and the same command has to find that one.
"""

import argparse
import contextlib
import datetime as dt
import io
import json
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit
from uuid import UUID

from werkzeug.serving import WSGIRequestHandler, make_server

from api.app import create_app
from cli.demo.in_process import MovedClock, System, in_process
from cli.demo.launch import pin_of
from cli.main import main
from cli.registry.rules import drafted_from
from client.resources import inquiries, plans, records, rules, settlements
from crypto.signing.jws import sign_compact
from crypto.signing.keys import load_private_key
from crypto.tlog.keys import SignatureKind, VerifierKey
from gateway.counter.settlements import STATEMENT_TYPE
from protocol.beijing import beijing_date
from protocol.codes import ServiceClass, SettlementKind
from protocol.encodings import b64url_encode, canonical_json
from protocol.messages.inquiries import InquiryRequest
from protocol.messages.plans import Instalment, PlanArrangement
from protocol.messages.rules import RulesApproval
from protocol.messages.settlements import SettlementOrder, statement_claims
from registry.settings import load
from registry.usecases.inquiries import answer
from registry.work.heads import LogHeads
from registry.work.integrator import Integrator
from registry.work.signer import LogSigner
from tests.support.builders import tokens
from tests.support.contexts import with_context
from tests.support.one_registry import listable

WEEK = 7
BATCH = 500
NOTICE_OF_CHANGE = 14
DAYS = NOTICE_OF_CHANGE + 4 * WEEK
"""The story's days, at whose end it is now."""
CREDITOR, ASKER = "carrier-a", "carrier-b"


class LiveClock(MovedClock):
    """A clock that is moved until it shows the time of this machine, and then goes with it."""

    def __init__(self, days_ago: int) -> None:
        super().__init__(dt.datetime.now(dt.UTC) - dt.timedelta(days=days_ago))
        self.is_live = False

    def __call__(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) if self.is_live else super().__call__()


def bring_into_force(system: System) -> int:
    """Approve the first scorecard; the days until it is in force."""
    with system.office("operator").open() as operator:
        before = rules.read_published(operator, None).rules
        days = before.notice_of_change_days
        begins = beijing_date(system.clock()) + dt.timedelta(days=days)
        proposed = rules.propose(operator, drafted_from(before, version="2", effective_from=begins, scorecard=True))
    with system.office("regulator").open() as regulator:
        rules.approve(regulator, "2", RulesApproval(sha256=proposed.sha256))
    return days


def report(system: System, people: int) -> dict[UUID, bytes]:
    """List a debt of every second person; the records with their accounts."""
    debts = [each for number, each in enumerate(listable(people)) if number % 2]
    found = {}
    for place in range(0, len(debts), BATCH):
        rows = debts[place : place + BATCH]
        verdicts = records.report_batch(system.gateways[CREDITOR].registry, f"bench-{place}", rows)
        found |= {
            verdict.record_id: row.account_ref
            for row, verdict in zip(rows, verdicts, strict=True)
            if verdict.record_id is not None
        }
    return found


def settle(system: System, folder: Path, owed: dict[UUID, bytes]) -> None:
    """Take the payments of these debts, each dated a day ago."""
    key = load_private_key(folder / CREDITOR / "signing.pem")
    for record_id, account_ref in owed.items():
        payment: dict[str, Any] = {
            "account_ref": account_ref,
            "kind": SettlementKind.FULL,
            "amount_fen": 9_000_00,
            "settled_at": system.clock() - dt.timedelta(days=1),
            "waive_rest": False,
        }
        claims = statement_claims(creditor=CREDITOR, **payment)
        statement = sign_compact(canonical_json(claims), typ=STATEMENT_TYPE, key_id=f"{CREDITOR}-1", private_key=key)
        order = SettlementOrder(tokens=None, record_id=record_id, statement=statement, **payment)
        settlements.settle(system.gateways[CREDITOR].registry, order)


def arrange(system: System, owed: dict[UUID, bytes], days: int) -> None:
    """Agree on one instalment for each of these debts; nobody pays it."""
    due = beijing_date(system.clock()) + dt.timedelta(days=days)
    for record_id in owed:
        instalments = (Instalment(due_date=due, amount_fen=240_00),)
        plans.arrange(system.gateways[CREDITOR].registry, PlanArrangement(record_id=record_id, instalments=instalments))


def ask(system: System, count: int) -> Counter[str]:
    """Ask about so many people, each in an order of its own; how often each letter was told."""
    letters: Counter[str] = Counter()
    for first in range(0, count, BATCH):
        requests = [
            with_context(
                InquiryRequest(
                    inquiry_ref=str(number), tokens=tokens(f"person {number}"), service_class=ServiceClass.MOBILE
                )
            )
            for number in range(first, min(first + BATCH, count))
        ]
        told = inquiries.ask_many(system.gateways[ASKER].registry, requests)
        letters.update(each.credit.grade.value for each in told if each.credit is not None)
    return letters


def story(system: System, folder: Path, people: int) -> Counter[str]:
    """Let the weeks pass in which people owe, pay and break their plans; they are asked about five times."""
    system.pass_days(bring_into_force(system))
    letters = ask(system, people)
    owed = report(system, people)
    letters += ask(system, people)
    third = len(owed) // 3
    system.pass_days(WEEK)
    settle(system, folder, dict(list(owed.items())[:third]))
    arrange(system, dict(list(owed.items())[third : 2 * third]), WEEK)
    letters += ask(system, people)
    system.pass_days(WEEK)
    letters += ask(system, people)
    system.pass_days(2 * WEEK)
    return letters + ask(system, people)


def integrate(system: System) -> None:
    """Give every entry its place and publish the head."""
    settings = load(system.parties.registry, {})
    registry = system.registry
    heads = LogHeads(settings.log_heads, registry.log)
    done = Integrator(registry, heads, LogSigner(settings.log_key, registry.log.public_key)).round()
    if done.faults:
        raise SystemExit(f"the log was not integrated: {done.faults}")


class Silent(WSGIRequestHandler):
    """Writes no line for a request."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's own name
        """Write nothing."""


@contextlib.contextmanager
def listening(system: System) -> Iterator[str]:
    """Serve the registry on loopback, under the address that its participants sign for."""
    url = load(system.parties.registry, {}).public_url
    address = urlsplit(url)
    http = make_server(
        address.hostname or "", address.port or 0, create_app(system.registry), threaded=True, request_handler=Silent
    )
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    try:
        yield url
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


def audit(system: System, url: str) -> tuple[int, dict[str, Any], float]:
    """Run the command as the regulator: its exit code, what it printed, and the seconds that it took."""
    year = system.clock().year
    log = system.registry.log
    vkey = VerifierKey(name=log.origin(year), kind=SignatureKind.NOTE, public_key=log.public_key).vkey
    key = system.parties.offices["regulator"]
    reader = ["--key", str(key), "--key-id", "regulator-1"]
    pin = pin_of(system.parties)
    pinned = ["--registry-key", b64url_encode(pin.public_key), "--registry-key-id", pin.key_id]
    printed, begun = io.StringIO(), time.perf_counter()
    with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
        main(["audit", "grade", "--all", "--log-url", f"{url}/log/{year}", "--vkey", vkey, *reader, *pinned, "--json"])
    told = json.loads(printed.getvalue())
    return int("found" in told or told["findings"] > 0), told, time.perf_counter() - begun


def run(people: int, folder: Path) -> dict[str, Any]:
    """Tell the story, audit it, and audit it again after one lie."""
    clock = LiveClock(DAYS)
    with in_process(folder, clock) as system:
        begun = time.perf_counter()
        letters = story(system, folder, people)
        told_seconds = time.perf_counter() - begun
        clock.is_live = True
        integrate(system)
        with listening(system) as url:
            code, honest, seconds = audit(system, url)
            if code or honest["outcomes"] != {"holds": letters.total()}:
                raise SystemExit(f"an honest registry's grades do not hold: {honest}")
            with mock.patch.object(answer, "text_of", return_value="o0 p0 d- c0 b0 k0 t36 A"):
                ask(system, 1)
            integrate(system)
            code, lying, _ = audit(system, url)
            if not code or [each["outcome"] for each in lying["found"]] != ["grade-inputs-differ"]:
                raise SystemExit(f"a lie was not found: {lying}")
    return {
        "people": people,
        "grades": letters.total(),
        "letters": dict(sorted(letters.items())),
        "story_seconds": round(told_seconds, 1),
        "audit_seconds": round(seconds, 1),
        "grades_a_second": round(letters.total() / seconds),
        "lies_found": len(lying["found"]),
    }


def command() -> None:
    """Print the figures, and write them with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=2_000, help="each is asked about five times")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = run(given.people, Path(folder) / "var")
    print(json.dumps(figures, indent=2))
    if given.json is not None:
        given.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    command()
