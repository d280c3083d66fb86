"""A served log in which people's debts are listed and paid, and inquiries tell grades."""

import datetime as dt
import hashlib
import json
from dataclasses import replace

from protocol.encodings import canonical_json, format_time
from protocol.log_entries import EntryKind
from protocol.messages.rules import RulesVersion
from protocol.states import RulesState
from protocol.wire.codec import write
from tests.support.grade_audits import GRADING
from tests.support.log_server import START, LogServer, kept_request

RULES = replace(GRADING, version="2026-02")
DIGEST = hashlib.sha256(canonical_json(write(RULES))).hexdigest()
PUBLISHED = RulesVersion(
    rules=RULES,
    state=RulesState.APPROVED,
    sha256=DIGEST,
    proposed_by="operator",
    proposed_at=START,
    approved_by="regulator",
    approved_at=START,
)
Facts = dict[str, str | int]
DAY = dt.timedelta(days=1)
CLEARED = "o0 p0 d3 c1 b10 k0 t0 C"


def person(number: int) -> str:
    return f"{number:032x}"


def whose(number: int) -> Facts:
    return {"subject": person(number)}


def record(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012x}"


def tell(server: LogServer, kind: EntryKind, at: dt.datetime, facts: Facts, personal: Facts) -> None:
    """Log an act of carrier-a, as its signed request led to it."""
    request = kept_request(server.participants["carrier-a"], "carrier-a-1", at, str(len(server.entries)))
    server.log(kind, by="carrier-a", at=at, facts=facts, personal=personal, request=request)


def approve(server: LogServer, digest: str) -> None:
    facts: Facts = {"version": RULES.version, "effective_from": "2026-01-01", "sha256": digest}
    server.log(EntryKind.RULES_APPROVED, facts=facts)


def a_log(*texts: str | None, digest: str = DIGEST) -> LogServer:
    """Each person's debt is listed, paid after ten days, and three days later its inquiry holds one of these texts."""
    server = LogServer()
    server.admit("carrier-a")
    approve(server, digest)
    for number in range(len(texts)):
        lists(server, number, START + dt.timedelta(minutes=1))
    for number in range(len(texts)):
        pays(server, number, START + 10 * DAY)
    for number, text in enumerate(texts):
        asks(server, number, START + 13 * DAY, text)
    server.documents[f"/v1/rules/{RULES.version}"] = json.dumps(write(PUBLISHED)).encode()
    return server


def lists(server: LogServer, number: int, at: dt.datetime) -> None:
    facts: Facts = {"verdict": "ACTIVE", "rules": RULES.version, "record": record(number)}
    facts |= {"edges": "RECEIVED>PENDING>ACTIVE", "enforceable_from": at.date().isoformat()}
    tell(server, EntryKind.REPORT_LISTED, at, facts, whose(number) | {"account": "d4" * 32, "principal_fen": 1})


def pays(server: LogServer, number: int, at: dt.datetime) -> None:
    facts: Facts = {"record": record(number), "kind": "FULL", "settled_at": format_time(at)}
    tell(server, EntryKind.SETTLEMENT, at, facts, whose(number) | {"amount_fen": 1})
    edge: Facts = {"record": record(number), "edge": "ACTIVE>CLEARED", "party": "CREDITOR", "rules": RULES.version}
    tell(server, EntryKind.RECORD_TRANSITION, at, edge, whose(number))


def asks(server: LogServer, number: int, at: dt.datetime, text: str | None) -> None:
    told: Facts = {"decision": "ALLOW", "reasons": ""}
    told |= {} if text is None else {"credit": text}
    facts: Facts = {"service": "MOBILE", "rules": RULES.version, "purpose": "NEW_LINE"}
    tell(server, EntryKind.INQUIRY, at, facts, whose(number) | told)


def id_of(log: LogServer, text: str) -> str:
    return str(next(each["id"] for each in log.openings if f'"credit":"{text}"' in each.get("personal", "")))
