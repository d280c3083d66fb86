from pathlib import Path

import pytest

from client.resources.records import own_records
from gateway.counter.statement_text import render
from gateway.counter.statement_words import WORDS
from gateway.counter.words import Language, yuan
from gateway.errors import ApplicationInvalid
from gateway.gateway import Gateway
from gateway.identity.documents import RawIdentity
from gateway.local.requests import read_statement_request
from protocol import codes
from protocol.context import Channel, Purpose
from protocol.identifiers import DocumentKind
from protocol.messages.statements import Statement
from protocol.problems import Refusal
from protocol.states import (
    ClearanceState,
    CollectionState,
    DemandState,
    DisputeState,
    HouseholdKind,
    PlanState,
    RebuttalState,
    RecordState,
    RedListState,
)
from protocol.wire import codec
from tests.support.exports import resident
from tests.support.local import a_client
from tests.support.parties import Parties
from tests.support.transfers import sells
from tests.support.world import World

NUMBER = resident(1)
ID = "0198c2c4-0000-7000-8000-000000000000"
IDENTITY = RawIdentity(kind=DocumentKind.RESIDENT_ID, number=NUMBER)
BODY = {"document": {"kind": "RESIDENT_ID", "number": NUMBER}}
PRINTED = (
    codes.ServiceClass,
    codes.NoticeChannel,
    codes.DecisionCode,
    codes.ReasonCode,
    codes.DisputeGround,
    codes.DisputeOutcome,
    codes.EvidenceDocument,
    codes.RebuttalGround,
    codes.RedListGround,
    Channel,
    Purpose,
    RecordState,
    DemandState,
    DisputeState,
    PlanState,
    ClearanceState,
    RebuttalState,
    CollectionState,
    RedListState,
    HouseholdKind,
)


def test_a_printed_statement_says_whom_to_turn_to_for_a_debt_that_was_sold(
    gateway: Gateway, owed: None, world: World
) -> None:
    [record] = own_records(gateway.registry)
    sells(world, record.record_id)
    said = gateway.statement(IDENTITY, idempotency_key="statement-1")
    assert "- Turn to Carrier-B, who has this debt now (" in render(said, Language.EN)
    assert "该项欠费现由 Carrier-B 持有，请与其联系（" in render(said, Language.ZH)


def test_a_printed_statement_says_whom_to_pay_how_to_dispute_and_until_when(
    parties: Parties, gateway: Gateway, owed: None
) -> None:
    with parties.gateway("carrier-b") as other:
        said = other.statement(IDENTITY, idempotency_key="statement-1")
        assert other.statement(IDENTITY, idempotency_key="statement-1") == said
    text = render(said, Language.EN)
    assert "1. mobile, owed to Carrier-A: counts" in text
    assert "192.00 yuan (principal 120.00, late fee 72.00, costs 0.00)" in text
    assert "How to pay: Pay at any counter of carrier-a" in text
    assert "leaves the list at the latest 2031-11-21" in text
    assert "The creditor has 15 days to answer, a decision is due within 20 days" in text
    assert "Pay nobody else." in text
    assert "another carrier's counter that takes all your debts at once" in text
    assert "on any day until the debt leaves the list" in text
    assert "Free ones left this year: 1 of 2" in text
    chinese = render(said, Language.ZH)
    assert "截至 2026-11-21 应缴 192.00 元" in chinese
    assert "缴费方式：Pay at any counter of carrier-a" in chinese
    assert "也可在办理代收的其他运营商柜台凭有效报价一次缴清全部欠费" in chinese
    assert "经过：2026-11-21 等待生效；2026-11-21 生效中" in chinese
    assert NUMBER.encode() not in parties.everything_sent()


def test_of_whom_nothing_is_held_a_statement_says_so(gateway: Gateway) -> None:
    assert "Nothing is held about you." in render(gateway.statement(IDENTITY), Language.EN)
    for _ in range(2):
        again = gateway.statement(IDENTITY)
    assert "may charge for this one" in render(again, Language.EN)


def test_a_statement_through_the_local_service(gateway: Gateway, owed: None, tmp_path: Path) -> None:
    with a_client(gateway, tmp_path / "local-tokens.json") as service:
        plain = service.post("/statement", json=BODY, base_url="http://127.0.0.1:9201")
        printed = service.post("/statement", json=BODY | {"language": "zh"}, base_url="http://127.0.0.1:9201")
    assert (plain.status_code, "text" in (plain.json or {})) == (201, False)
    assert printed.json["text"].startswith("# 您的信息查询单")


def test_a_document_that_is_none_has_no_statement(gateway: Gateway) -> None:
    with pytest.raises(ApplicationInvalid, match=r"document\.number"):
        gateway.statement(RawIdentity(kind=DocumentKind.RESIDENT_ID, number="1"))


@pytest.mark.parametrize("changes", [{"language": "tlh"}, {"address": "somewhere"}])
def test_a_bad_request_names_its_field(changes: dict[str, str]) -> None:
    with pytest.raises(Refusal):
        read_statement_request(BODY | changes, None)


@pytest.mark.parametrize("language", list(Language))
def test_every_code_that_is_printed_has_a_word(language: Language) -> None:
    words = WORDS[language]
    assert [code.value for vocabulary in PRINTED for code in vocabulary if code.value not in words] == []
    assert words.keys() == WORDS[Language.EN].keys()


def test_every_section_is_printed(gateway: Gateway, owed: None) -> None:
    said = codec.write(gateway.statement(IDENTITY))
    moment, who = "2026-11-21T17:00:00.000000Z", "carrier-b"
    said |= {
        "disputes": [
            {
                "dispute_id": ID,
                "record": number,
                "ground": "NO_NOTICE",
                "state": "CLOSED",
                "outcome": outcome,
                "filed_on": "2026-11-01",
                "filed_through": who,
                "answer_due": "2026-11-16",
                "close_due": "2026-11-21",
                "documents": 1,
                "stops_enforcement": True,
                "lapse_due": "2026-12-16",
                "answer": None,
                "closed_on": "2026-11-20",
            }
            for number, outcome in ((1, "UPHELD"), (None, None))
        ],
        "plans": [
            {
                "record": 1,
                "state": "RUNNING",
                "instalments": [{"due_date": "2026-12-21", "amount_fen": 12}],
                "broken_from": None,
                "arranged_at": moment,
                "ended_at": None,
            }
        ],
        "inquiries": [
            {"participant": who, "at": moment, "service_class": "IPTV", "decision": "ALLOW", "reasons": ["RED_LIST"]}
            | told
            for told in (
                {},
                {"purpose": "NEW_LINE", "channel": "OUTLET", "outlet": "SH-PD-0123"},
                {"purpose": "OWNERSHIP_CHANGE", "channel": "ONLINE"},
                {
                    "rechecks": [{"at": moment, "decision": "ALLOW", "reasons": ["NO_ARREARS"]}],
                    "reviews": [
                        {"outcome": outcome, "reason": "HARDSHIP", "asked_at": moment, "at": moment, "late": late}
                        for outcome, late in (("CONFIRMED", False), ("LIFTED", True))
                    ],
                    "activations": [
                        {
                            "part": 1,
                            "revision": number,
                            "outcome": outcome,
                            "reason": reason,
                            "basis": "CHECKED",
                            "lines": 1,
                            "at": moment,
                            "reported_at": moment,
                        }
                        for number, (outcome, reason) in enumerate(
                            [("ACTIVATED", None), ("CANCELLED_LATER", "FRAUD")], start=1
                        )
                    ],
                },
            )
        ],
        "households": [
            {"record": 1, "kind": "ADDRESS", "since": "2026-05-01", "ended_on": "2026-06-01"},
            {"record": None, "kind": "REGISTER", "since": "2026-06-01", "ended_on": None},
        ],
        "weighed_for_others": [{"record": 1, "participant": "gone", "on": "2026-11-02"}],
        "rebuttals": [
            {
                "households": ["ADDRESS"],
                "ground": "MOVED_AWAY",
                "state": "HOLDS",
                "filed_at": moment,
                "filed_by": who,
                "until": "2028-11-22",
                "rebuttal_id": ID,
                "withdrawn_at": None,
                "rules_version": "1",
            }
        ],
        "transfers": [{"record": 1, "from_record": None, "seller": "carrier-a", "buyer": who, "at": moment}],
        "evidence_demands": [
            {
                "record": 1,
                "demanded_by": "court",
                "document": document,
                "bill": bill,
                "demanded_at": moment,
                "answer_due": "2026-12-07",
                "state": state,
            }
            for document, bill, state in (("BILL", 2, "MATCHES"), ("NOTICE", None, "OVERDUE"))
        ],
        "collections": [
            {
                "record": 1,
                "collector": who,
                "creditor": "carrier-a",
                "amount_fen": 500,
                "collected_at": moment,
                "state": "REFUSED",
                "reversed_at": reversed_at,
            }
            for reversed_at in (None, moment)
        ],
        "archived": [
            {
                "creditor": "carrier-a",
                "state": "CLEARED",
                "listed_on": "2024-01-01",
                "closed_at": moment,
                "purge_on": "2028-11-21",
                "purged_at": None,
            }
        ],
        "deposits": [
            {
                "participant": who,
                "service_class": "IPTV",
                "state": state,
                "fen": 118_00,
                "returned_fen": returned,
                "kept_fen": kept,
                "left_fen": left,
                "taken_on": "2026-01-21",
                "due_on": "2026-11-20",
                "returned_on": "2026-11-21" if returned else None,
                "overdue": state == "HELD",
            }
            for state, returned, kept, left in (
                ("HELD", 18_00, 0, 100_00),
                ("RETURNED", 78_00, 40_00, 0),
                ("NOT_TAKEN", 0, 0, 0),
            )
        ],
        "clearances": [{"clearance_id": ID, "issued_at": moment, "state": "VALID", "revoked_at": None}],
        "victim_markers": [{"until": "2028-01-01", "set_at": moment, "set_by": "court"}],
        "red_list": [
            {
                "entry_id": ID,
                "ground": "SCHOOL",
                "state": "EFFECTIVE",
                "expires_on": "2027-01-01",
                "proposed_by": who,
                "proposed_at": moment,
                "rules_version": "1",
                "approvals": [],
                "revoked_at": None,
            }
        ],
        "earlier_statements": [{"statement_id": ID, "given_at": moment, "asked_through": who, "free": True}],
    }
    payments = [
        {
            "kind": kind,
            "amount_fen": amount,
            "waived_fen": waived,
            "settled_at": moment,
            "received_at": moment,
            "reversed_at": reversed_at,
        }
        for kind, amount, waived, reversed_at in (
            ("PARTIAL", 50_00, 0, moment),
            ("FULL", 60_00, 10_00, None),
            ("WAIVER", 0, 0, None),
        )
    ]
    closed = {"owed": None, "blocks": False, "notice_channel": None, "payments": payments}
    said["records"] = [{**said["records"][0], **closed}]
    text = render(codec.read(Statement, said), Language.EN)
    for sentence in (
        "the debt stands",
        "an earlier debt",
        "2026-12-21: 0.12",
        "2026-11-22: carrier-b asked for IPTV",
        "  - 2026-11-22: asked again; the answer was yes",
        "  - 2026-11-22: a person looked at the decision, as you asked on 2026-11-22 (hardship): it stands\n",
        "as you asked on 2026-11-22 (hardship): it was lifted, too late\n",
        "  - 2026-11-22: opened (checked)",
        "  - 2026-11-22: cancelled later, fraud (checked)",
        "gone asked; debt 1 weighed",
        'address, "moved away": holds, filed 2026-11-22 through carrier-b',
        "2026-11-22: 5.00 yuan to Carrier-A, taken by carrier-b: not received, says the creditor",
        "taken by carrier-b: taken back",
        "2026-11-22: debt 1 is owed to carrier-b from then on; until then it was owed to Carrier-A",
        "2026-11-22: court asked for the bill 2 of debt 1, to be shown until 2026-12-07: shown, and it is what was",
        "asked for the notice of debt 1, to be shown until 2026-12-07: not shown in time",
        "Owed to Carrier-A, listed 2024-01-01, settled 2026-11-22",
        f"{ID}, issued 2026-11-22: valid",
        "until 2028-01-01 (not included)",
        "school: in force",
        "2026-01-21: 118.00 yuan to carrier-b for IPTV, due back by 2026-11-20; 100.00 yuan are held; 18.00 yuan",
        "; 18.00 yuan given back by 2026-11-21; overdue: ask for it",
        "nothing of it is held any more; 78.00 yuan given back by 2026-11-21; 40.00 yuan kept for bills",
        "2026-01-21: 118.00 yuan to carrier-b for IPTV, the carrier says by now that it took none",
        "Nothing is owed here any more.",
        "(not told)",
        "  - 2026-11-22: 50.00 yuan paid, reported 2026-11-22; taken back 2026-11-22, it no longer counts",
        "  - 2026-11-22: 60.00 yuan paid, reported 2026-11-22; 10.00 yuan waived",
        "  - 2026-11-22: the rest waived, reported 2026-11-22",
    ):
        assert sentence in text
    assert yuan(123_456_705) == "1,234,567.05"
