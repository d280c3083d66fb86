"""A stream of activations: a verdict for each row in its place, chunks that happen whole, and nothing twice."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from protocol.activations import ActivationOutcome, ActivationReason, ActivationVerdict, UncheckedCause
from protocol.messages.activations import ActivationReport, ActivationRowVerdict
from protocol.problems import Problem, Refusal
from protocol.wire.codec import read
from registry.usecases.activations.batch import (
    ActivationRow,
    activation_batch_progress,
    malformed_row,
    report_activation_chunk,
)
from registry.usecases.chunks import Chunk, MalformedRun
from registry.usecases.records.report import report_chunk
from tests.support.activations import AGENT, MANAGER, a_report_on, tells
from tests.support.batches import a_chunk
from tests.support.builders import a_report, tokens
from tests.support.contexts import asks_in_context
from tests.support.races import at_once
from tests.support.stories import lists
from tests.support.world import World

_Outcome, _Verdict = ActivationOutcome, ActivationVerdict


def a_batch(*rows: ActivationRow, key: str = "batch-1", number: int = 0) -> Chunk[ActivationRow]:
    named = tuple(replace(row, row_id=f"row-{place}") for place, row in enumerate(rows))
    digest = hashlib.sha256(json.dumps([repr(each) for each in named]).encode()).digest()
    return Chunk(batch_key=key, number=number, rows_digest=digest, rows=named)


def judged(world: World, chunk: Chunk[ActivationRow], who: str = "carrier-b") -> list[ActivationRowVerdict]:
    world.clock.forward(milliseconds=1)
    lines = report_activation_chunk(world.registry, world.actor(who), chunk, MalformedRun())
    verdicts = [read(ActivationRowVerdict, json.loads(line)) for line in lines.splitlines()]
    assert [each.row_id for each in verdicts] == [each.row_id for each in chunk.rows]
    return verdicts


def an_order(world: World, name: str, **changes: Any) -> ActivationReport:
    """A report on an order of its own about somebody."""
    world.clock.forward(milliseconds=1)
    order = hashlib.sha256(name.encode()).digest()[:16]
    answer = asks_in_context(world, "carrier-b", tokens(name), order=order)
    return a_report_on(world, answer, changes.pop("outcome", _Outcome.ACTIVATED), **changes)


def test_each_row_has_the_verdict_of_what_it_would_be_refused_for_alone(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    fine = an_order(world, "wang", outcome=_Outcome.PREPAID)
    other = an_order(world, "li")
    override = replace(fine, part=2, outcome=_Outcome.OVERRIDDEN, reason=ActivationReason.MANAGER)
    foreign = an_order(world, "zhao")
    rows: list[ActivationRow] = [
        fine,
        fine,
        replace(fine, lines=2),
        replace(fine, revision=2, outcome=_Outcome.DECLINED, reason=ActivationReason.NOT_PAID),
        replace(fine, revision=4),
        malformed_row("x", {"outcome": "required"}),
        replace(other, decision_token="a.b.c"),
        replace(other, order=b"x" * 16),
        replace(other, deposit_fen=1, reason=ActivationReason.OTHER),
        override,
        replace(override, agent=AGENT, approved_by=AGENT),
        replace(override, agent=AGENT, approved_by=MANAGER),
        replace(other, order=b"y" * 16, decision_token=None, unchecked=UncheckedCause.QUEUE_LOST),
        other,
    ]
    verdicts = judged(world, a_batch(*rows))
    assert [each.verdict for each in verdicts] == [
        _Verdict.RECORDED,
        _Verdict.DUPLICATE,
        _Verdict.REJ_ALREADY_REPORTED,
        _Verdict.CORRECTED,
        _Verdict.REJ_EDGE,
        _Verdict.REJ_MALFORMED_ROW,
        _Verdict.REJ_TOKEN_INVALID,
        _Verdict.REJ_OTHER_ORDER,
        _Verdict.REJ_MALFORMED_ROW,
        _Verdict.REJ_SECOND_PERSON,
        _Verdict.REJ_SAME_PERSON,
        _Verdict.RECORDED,
        _Verdict.RECORDED,
        _Verdict.RECORDED,
    ]
    assert verdicts[1].activation_id == verdicts[0].activation_id == verdicts[2].activation_id
    assert verdicts[2].log_entry_id is None
    assert {each.field: each.code for each in verdicts[8].errors} == {"deposit_fen": "invalid", "reason": "invalid"}
    assert {each.field: each.code for each in verdicts[5].errors} == {"outcome": "required"}
    assert judged(world, a_batch(foreign, key="theirs"), "carrier-a")[0].verdict is _Verdict.REJ_TOKEN_FOREIGN
    world.clock.forward(days=91)
    late = replace(foreign, at=world.clock.now)
    assert judged(world, a_batch(late, key="late"))[0].verdict is _Verdict.REJ_TOKEN_EXPIRED


def test_a_row_of_a_batch_and_one_alone_are_the_same_report(world: World) -> None:
    report = an_order(world, "wang")
    alone = tells(world, "carrier-b", report)
    [verdict] = judged(world, a_batch(report))
    assert verdict.verdict is _Verdict.DUPLICATE
    assert (verdict.activation_id, verdict.recorded_at) == (alone.activation_id, alone.recorded_at)


def test_a_chunk_sent_again_gives_the_verdicts_of_then(world: World) -> None:
    chunk = a_batch(an_order(world, "wang"), an_order(world, "li"))
    first = judged(world, chunk)
    assert judged(world, chunk) == first
    with pytest.raises(Refusal) as refused:
        judged(world, replace(chunk, rows_digest=bytes(32)))
    assert refused.value.problem is Problem.IDEMPOTENCY_KEY_REUSED
    progress = activation_batch_progress(world.registry, world.actor("carrier-b"), "batch-1")
    assert (progress.batch_key, progress.chunks, progress.rows) == ("batch-1", 1, 2)


def test_a_batch_of_records_may_have_the_same_name(world: World) -> None:
    name = "k" * 128
    actor = world.actor("carrier-b")
    report_chunk(world.registry, actor, a_chunk(a_report("sun", "A9"), key=name))
    assert judged(world, a_batch(an_order(world, "wang"), key=name))[0].verdict is _Verdict.RECORDED
    assert activation_batch_progress(world.registry, actor, name).rows == 1
    with pytest.raises(Refusal) as refused:
        activation_batch_progress(world.registry, world.actor("carrier-a"), name)
    assert refused.value.problem is Problem.NOT_FOUND


def test_rows_of_one_order_see_each_other(world: World) -> None:
    report = an_order(world, "wang", lines=1)
    later = replace(report, revision=2, outcome=_Outcome.CANCELLED_LATER, reason=ActivationReason.APPLICANT)
    verdicts = judged(world, a_batch(later, report, later, replace(report, part=2, lines=3)))
    assert [each.verdict for each in verdicts] == [
        _Verdict.REJ_EDGE,
        _Verdict.RECORDED,
        _Verdict.RECORDED,
        _Verdict.RECORDED,
    ]
    assert verdicts[3].unchecked_lines == 2, "the cancelled part has given its line back"


def test_two_batches_of_the_same_rows_at_once_tell_each_order_once(world: World) -> None:
    rows = [an_order(world, f"person-{number}") for number in range(12)]
    actors = [world.actor("carrier-b") for _ in range(3)]

    def run(number: int) -> list[ActivationRowVerdict]:
        chunk = a_batch(*rows, key=f"batch-{number}")
        lines = report_activation_chunk(world.registry, actors[number], chunk, MalformedRun())
        return [read(ActivationRowVerdict, json.loads(line)) for line in lines.splitlines()]

    given = at_once(3, run)
    told = [[each.activation_id for each in verdicts] for verdicts in given]
    assert told[0] == told[1] == told[2]
    assert len(set(told[0])) == 12
    assert sum(each.verdict is _Verdict.RECORDED for verdicts in given for each in verdicts) == 12
