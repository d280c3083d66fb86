"""Streamed batches and repeated requests: every row once, whatever happens in between."""

import json
import threading

import pytest

from protocol.codes import ServiceClass, Verdict
from protocol.messages.inquiries import InquiryRequest
from protocol.messages.records import RowVerdict
from protocol.problems import Problem, Refusal
from protocol.wire.codec import read, write
from registry.usecases.context import Outcome
from registry.usecases.inquiries.inquire import inquire_batch
from registry.usecases.records.read import batch_progress
from registry.usecases.records.report import report, report_chunk
from tests.support.batches import a_chunk
from tests.support.builders import a_report, tokens
from tests.support.world import World


def verdicts(lines: bytes) -> list[Verdict]:
    return [read(RowVerdict, json.loads(line)).verdict for line in lines.splitlines()]


def test_rows_are_judged_in_order_and_an_account_by_its_first_row(world: World) -> None:
    malformed = RowVerdict(row_id="broken", verdict=Verdict.REJ_MALFORMED_ROW)
    chunk = a_chunk(
        a_report("wang", "A1"),
        malformed,
        a_report("wang", "A1"),
        a_report("li", "A2", principal_fen=1),
        a_report("wang", "A1", principal_fen=500_00),
    )
    assert verdicts(report_chunk(world.registry, world.actor("carrier-a"), chunk)) == [
        Verdict.ACTIVE,
        Verdict.REJ_MALFORMED_ROW,
        Verdict.DUPLICATE,
        Verdict.REJ_BELOW_MINIMUM,
        Verdict.REJ_ACCOUNT_REPEATED,
    ]


def test_a_chunk_sent_again_gives_the_verdicts_of_then(world: World) -> None:
    actor = world.actor("carrier-a")
    first = report_chunk(world.registry, actor, a_chunk(a_report("wang")))
    assert report_chunk(world.registry, actor, a_chunk(a_report("wang"))) == first
    assert world.registry.store.read(lambda tx: sum(tx.records.count_by_state().values())) == 1


def test_a_chunk_with_other_rows_under_the_same_number_is_refused(world: World) -> None:
    actor = world.actor("carrier-a")
    report_chunk(world.registry, actor, a_chunk(a_report("wang", "A1")))
    with pytest.raises(Refusal) as refused:
        report_chunk(world.registry, actor, a_chunk(a_report("wang", "A2")))
    assert refused.value.problem is Problem.IDEMPOTENCY_KEY_REUSED


def test_two_carriers_may_name_their_batches_alike(world: World) -> None:
    for carrier in ("carrier-a", "carrier-b"):
        lines = report_chunk(world.registry, world.actor(carrier), a_chunk(a_report("wang")))
        assert verdicts(lines) == [Verdict.ACTIVE]


def test_a_bad_token_is_one_bad_row(world: World) -> None:
    bad = a_report("li", "A2", tokens=tokens("li", epoch=7))
    lines = report_chunk(world.registry, world.actor("carrier-a"), a_chunk(a_report("wang", "A1"), bad))
    assert verdicts(lines) == [Verdict.ACTIVE, Verdict.REJ_MALFORMED_ROW]


def test_progress_counts_what_is_committed(world: World) -> None:
    actor = world.actor("carrier-a")
    with pytest.raises(Refusal) as refused:
        batch_progress(world.registry, actor, "batch-1")
    assert refused.value.problem is Problem.NOT_FOUND
    report_chunk(world.registry, actor, a_chunk(a_report("wang", "A1"), a_report("li", "A2")))
    report_chunk(world.registry, actor, a_chunk(a_report("sun", "A3"), number=1))
    found = write(batch_progress(world.registry, actor, "batch-1"))
    assert found == {"batch_key": "batch-1", "chunks": 2, "rows": 3, "incarnation": 1}


def test_the_same_request_again_gets_the_same_bytes(world: World) -> None:
    call = world.call("key-1")
    first = report(world.registry, world.actor("carrier-a"), call, a_report("wang"))
    again = report(world.registry, world.actor("carrier-a"), call, a_report("wang"))
    assert (again.status, again.body, again.replayed) == (first.status, first.body, True)


@pytest.mark.parametrize("change", [{"body": b"other"}, {"operation": "other"}])
def test_an_idempotency_key_serves_one_request_only(world: World, change: dict[str, object]) -> None:
    report(world.registry, world.actor("carrier-a"), world.call("key-1"), a_report("wang"))
    with pytest.raises(Refusal) as refused:
        report(world.registry, world.actor("carrier-a"), world.call("key-1", **change), a_report("wang"))  # type: ignore[arg-type]  # one change at a time
    assert refused.value.problem is Problem.IDEMPOTENCY_KEY_REUSED


def test_a_batch_of_inquiries_answers_in_order(world: World) -> None:
    report(world.registry, world.actor("carrier-a"), world.call(), a_report("wang"))
    names = ["stranger", "wang", "somebody", "wang"]
    requests = [
        InquiryRequest(inquiry_ref=str(place), tokens=tokens(name), service_class=ServiceClass.MOBILE)
        for place, name in enumerate(names)
    ]
    outcome = inquire_batch(world.registry, world.actor("carrier-b"), world.call(), requests)
    answers = json.loads(outcome.body)["answers"]
    assert [each["inquiry_ref"] for each in answers] == ["0", "1", "2", "3"]
    assert [each["decision"] for each in answers] == ["ALLOW", "PAY_FIRST", "ALLOW", "PAY_FIRST"]


def test_a_batch_with_a_bad_token_checks_nobody_and_names_its_place(world: World) -> None:
    requests = [
        InquiryRequest(inquiry_ref="1", tokens=tokens("wang"), service_class=ServiceClass.MOBILE),
        InquiryRequest(inquiry_ref="2", tokens=tokens("li", epoch=4), service_class=ServiceClass.MOBILE),
    ]
    with pytest.raises(Refusal) as refused:
        inquire_batch(world.registry, world.actor("carrier-b"), world.call(), requests)
    assert refused.value.problem is Problem.EPOCH_UNKNOWN
    assert refused.value.fields == {"inquiries.1.tokens": "epoch-unknown"}


def test_two_reports_of_one_account_at_once_make_one_record(world: World) -> None:
    outcomes: list[Outcome] = []
    start = threading.Barrier(4)

    def send(key: str) -> None:
        start.wait()
        outcomes.append(report(world.registry, world.actor("carrier-a"), world.call(key), a_report("wang")))

    threads = [threading.Thread(target=send, args=(f"race-{each}",)) for each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    given = sorted(json.loads(outcome.body)["verdict"] for outcome in outcomes)
    assert given == ["ACTIVE", "DUPLICATE", "DUPLICATE", "DUPLICATE"]
