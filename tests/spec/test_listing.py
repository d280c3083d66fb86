"""The listing rules, read a second time from the page alone, against the vectors and against the running code."""

import datetime as dt
import json
import random
import re
from typing import Any

from docs.spec import listing_vectors
from docs.spec.make_vectors import FOLDER
from protocol.codes import Category, Verdict
from protocol.listing import not_listable
from protocol.wire.codec import write
from registry.policy.reporting import MAX_RECORDS
from registry.policy.rules import DEFAULT_RULES
from tests.support.cells import every_cell

PAGE = (FOLDER.parent / "listing.md").read_text(encoding="utf-8")
VECTORS = json.loads((FOLDER / "listing.json").read_bytes())
TODAY = dt.date.fromisoformat(VECTORS["today"])
NOT_LISTABLE = {each: f"REJ_{each}" for each in ("OPEN_DISPUTE", "CARRIER_CAUSED", "STOLEN_IDENTITY", "SP_FEE")}
ROW = re.compile(r"^\| `([A-Z_]+)` \|.*?\| ([^|]+) \|$", re.MULTILINE)


def day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


def dates_are_possible(case: dict[str, Any]) -> bool:
    due = dt.date.fromisoformat(case["due_date"])
    suspended, ended, notice = (day(case[name]) for name in ("suspended_on", "ended_on", "notice_date"))
    evidence = case["evidence"]
    if any(each is not None and each > TODAY for each in (due, suspended, ended, notice)):
        return False
    if any(each is not None and each < due for each in (suspended, ended)):
        return False
    if suspended is not None and ended is not None and ended < suspended:
        return False
    if notice is not None and notice <= due:
        return False
    if evidence is None:
        return True
    told = dt.datetime.fromisoformat(evidence["notice_at"]) + dt.timedelta(hours=8)
    return dt.date.fromisoformat(evidence["contract_date"]) <= due and told.date() == notice


def read(case: dict[str, Any]) -> str | None:
    """Apply the page's table, row by row."""
    rules = case.get("rules", VECTORS["rules"])
    due, listed_on = dt.date.fromisoformat(case["due_date"]), day(case.get("listed_on"))
    checks = [
        (case["principal_fen"] >= 1, "REJ_INVALID_AMOUNT"),
        (dates_are_possible(case), "REJ_INVALID_DATE"),
        (listed_on is not None or case["principal_fen"] >= rules["minimum_principal_fen"], "REJ_BELOW_MINIMUM"),
        ((TODAY - due).days >= rules["minimum_days_past_due"], "REJ_TOO_RECENT"),
        (((listed_on or TODAY) - due).days <= rules["maximum_days_past_due"], "REJ_TIME_BARRED"),
        (case["notice_date"] is not None, "REJ_NO_NOTICE"),
        (case["evidence"] is not None or not case.get("evidence_required", False), "REJ_NO_EVIDENCE"),
        (case["category"] not in NOT_LISTABLE, NOT_LISTABLE.get(case["category"], "")),
        (case["debtor_of_age"], "REJ_MINOR"),
    ]
    return next((code for passed, code in checks if not passed), None)


def test_the_page_alone_arrives_at_the_vectors() -> None:
    with every_cell() as table:
        for case in VECTORS["cases"]:
            with table.cell(case["why"]):
                assert read(case) == case.get("refused")
                if "refused" in case:
                    continue
                lead_days = case.get("rules", VECTORS["rules"])["notice_lead_days"]
                blocks_from = dt.date.fromisoformat(case["notice_date"]) + dt.timedelta(days=lead_days)
                assert case["enforceable_from"] == blocks_from.isoformat()
                if "listed_on" not in case:
                    assert case["verdict"] == ("ACTIVE" if blocks_from <= TODAY else "PENDING")


def test_the_page_alone_arrives_at_what_the_code_says_of_any_facts() -> None:
    chance = random.Random(8)
    codes = set()
    for _ in range(4_000):
        case = any_facts(chance)
        judged = listing_vectors.judged(case)
        assert judged.get("refused") == read(case), case
        codes.add(judged.get("refused"))
    assert len(codes) == 13


def any_facts(chance: random.Random) -> dict[str, Any]:
    def ago(*days: int) -> str:
        return (TODAY - dt.timedelta(days=chance.choice(days))).isoformat()

    notice_at = f"2026-06-{chance.choice((23, 24))}T{chance.choice(('15:59', '16:00'))}:00.000000Z"
    return {
        "principal_fen": chance.choice((0, 1, 9_999, 10_000, 10_000, 10_000)),
        "due_date": ago(-1, 89, 90, 200, 200, 1_095, 1_096),
        "suspended_on": chance.choice((None, ago(-1, 0, 88, 201))),
        "ended_on": chance.choice((None, ago(-1, 0, 88, 201))),
        "notice_date": chance.choice((None, ago(-1, 0, 40, 150, 150, 200))),
        "evidence": chance.choice((None, {"contract_date": ago(200, 1_200), "notice_at": notice_at})),
        "category": chance.choice(list(Category)).value,
        "debtor_of_age": chance.random() < 0.6,
        "evidence_required": chance.random() < 0.3,
    } | chance.choice(({}, {"listed_on": ago(1, 20)}))


def test_the_page_names_every_code_and_every_category() -> None:
    rows = dict(ROW.findall(PAGE))
    assert set(re.findall(r"`(REJ_[A-Z_]+)`", PAGE)) == {
        each.value for each in Verdict if each.value.startswith("REJ_")
    }
    assert all(f"| `{each.value}` |" in PAGE for each in Verdict if not each.value.startswith("REJ_"))
    for category in Category:
        code = not_listable(category)
        assert rows[category.value] == ("listable" if code is None else f"`{code.value}`")


def test_the_page_states_the_founding_figures() -> None:
    rules = DEFAULT_RULES.in_force(TODAY)
    for name, figure in write(rules.listing).items():
        assert f"`{name}` ({figure:,})" in PAGE
    assert f"`evidence.required` of the rules is true ({str(rules.evidence.required).lower()})" in PAGE
    assert f"{MAX_RECORDS:,} records" in PAGE
