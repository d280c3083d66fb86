"""Activations over HTTP: each refusal has its status and name, answers have one size, batches go by their letter."""

import json
from dataclasses import replace
from typing import Any

from api.answers import PADDED_BYTES
from protocol.activations import ActivationOutcome, ActivationReason
from protocol.messages.activations import ActivationReport
from protocol.messages.inquiries import InquiryAnswer
from protocol.wire.codec import read, write
from tests.support.activations import AGENT, a_report_on
from tests.support.api import Client, lines, problem
from tests.support.batches import NDJSON
from tests.support.builders import a_report, tokens
from tests.support.contexts import a_context

_Outcome = ActivationOutcome


def asked(client: Client, name: str, order: bytes) -> InquiryAnswer:
    whose = tokens(name)
    inquiry = {"inquiry_ref": "r", "tokens": write(whose), "service_class": "MOBILE"}
    context = write(a_context(whose, order=order))
    return read(InquiryAnswer, client.post("carrier-b", "/v1/inquiries", inquiry | {"context": context}).json)


def told(client: Client, report: ActivationReport, who: str = "carrier-b", **changes: Any) -> Any:
    return client.post(who, "/v1/activations", write(report) | changes)


def test_each_refusal_has_its_own_status_and_name(shared: Client) -> None:
    answer = asked(shared, "refused", b"refused-" * 2)
    report = a_report_on(shared.world, answer, _Outcome.ACTIVATED)
    override = replace(report, outcome=_Outcome.OVERRIDDEN, reason=ActivationReason.MANAGER)
    assert problem(told(shared, replace(report, decision_token="e30.e30.AA"))) == (422, "token-invalid")
    assert problem(told(shared, report, "carrier-a")) == (403, "token-foreign")
    assert problem(told(shared, replace(report, order=bytes(16)))) == (422, "token-other-order")
    assert problem(told(shared, override)) == (422, "second-person-missing")
    assert problem(told(shared, replace(override, agent=AGENT, approved_by=AGENT))) == (422, "same-person")
    assert problem(told(shared, replace(report, revision=2))) == (409, "edge-not-allowed")
    assert problem(told(shared, report, outcome="GIVEN_AWAY")) == (422, "invalid-field")
    assert problem(told(shared, report, "auditor")) == (403, "role-missing")
    first = told(shared, report)
    assert first.status_code == 201
    refused = told(shared, replace(report, lines=2))
    assert problem(refused) == (409, "already-reported")
    assert refused.json["activation_id"] == first.json["activation_id"]


def test_the_same_again_is_answered_with_another_status_and_every_answer_has_one_size(shared: Client) -> None:
    shared.lists("carrier-a", a_report("owes", "OWES-1"))
    answers = [asked(shared, name, (name * 16).encode()[:16]) for name in ("owes", "owes-nothing")]
    reports = [a_report_on(shared.world, each, _Outcome.ACTIVATED) for each in answers]
    given = [told(shared, each) for each in reports]
    again = told(shared, reports[0])
    assert [each.status_code for each in (*given, again)] == [201, 201, 200]
    assert again.json == given[0].json
    assert [each.json["obeyed"] for each in given] == ["NO", "YES"]
    sizes = {
        len(each.data) + len(str(len(each.data))) + len(each.headers["Clearline-Padding"]) for each in (*given, again)
    }
    assert all(size % PADDED_BYTES == 0 for size in sizes)
    assert len(sizes) == 1


def test_a_batch_answers_row_by_row_and_ends_with_its_closing_line(shared: Client) -> None:
    report = a_report_on(shared.world, asked(shared, "batched", b"batched!" * 2), _Outcome.DECLINED)
    rows = [
        write(replace(report, reason=ActivationReason.OTHER, row_id="mine")),
        {"row_id": "broken", "outcome": "DECLINED"},
        write(replace(report, row_id="no-reason", part=2)),
    ]
    body = b"\n".join(json.dumps(each).encode() for each in rows) + b"\n\nnot json"
    response = shared.post("carrier-b", "/v1/activation-batches", body, key="told", content_type=NDJSON)
    assert response.content_type == NDJSON
    *verdicts, closing = lines(response)
    assert [(each["row_id"], each["verdict"]) for each in verdicts] == [
        ("mine", "RECORDED"),
        ("broken", "REJ_MALFORMED_ROW"),
        ("no-reason", "REJ_MALFORMED_ROW"),
        ("line-4", "REJ_MALFORMED_ROW"),
    ]
    assert {each["field"]: each["code"] for each in verdicts[1]["errors"]} == {
        "at": "required",
        "order": "required",
        "service_class": "required",
    }
    assert verdicts[2]["errors"] == [{"code": "required", "field": "reason"}]
    assert closing == {"chunks": 1, "end": True, "rows": 4}
    assert shared.get("carrier-b", "/v1/activation-batches/told").json["rows"] == 4
    assert problem(shared.get("carrier-b", "/v1/record-batches/told")) == (404, "not-found")
    again = shared.post("carrier-b", "/v1/activation-batches", body, key="told", content_type=NDJSON)
    assert again.data == response.data
    hole = shared.post("carrier-b", "/v1/activation-batches?first_chunk=2", body, key="told", content_type=NDJSON)
    assert problem(hole) == (422, "invalid-field")
