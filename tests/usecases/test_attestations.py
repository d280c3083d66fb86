"""A carrier attests how long somebody has paid in time: with a consent, for a time, and not against its own records."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from protocol.encodings import b64url_encode
from protocol.grades import Tenure
from protocol.log_entries import EntryKind
from protocol.problems import Problem, Refusal
from registry.domain.attestations import tenure_of
from registry.store.attestations import attestation, withdrawn_consent
from registry.store.columns import metadata
from registry.usecases.attestations.batch import (
    SentAttestation,
    attest_chunk,
    attestation_batch_progress,
    malformed_attestation,
)
from registry.usecases.attestations.demands import count_demands
from registry.usecases.attestations.run import end_attestations
from registry.usecases.attestations.withdraw import withdraw_attestation
from registry.usecases.chunks import Chunk, MalformedRun
from registry.work.worker import tick
from tests.support.attestations import (
    DOCUMENT,
    YEAR,
    a_consent,
    allows,
    an_attestation,
    attests,
    codes,
    consent_ref,
    demands,
    fresh,
    held,
    replies,
    withdraws_consent,
)
from tests.support.builders import NOW, TODAY, a_report, account, tokens
from tests.support.contexts import asks_in_context
from tests.support.endings import key_of, logged
from tests.support.events import told, withdraws
from tests.support.statements import statement
from tests.support.stories import lists, settles
from tests.support.unwatched import unwatched
from tests.support.world import World

DAY = dt.timedelta(days=1)


@pytest.fixture
def allowed(world: World) -> World:
    return allows(world)


def refusal(problem: Problem) -> Any:
    return pytest.raises(Refusal, match=problem.value.name)


def counts(world: World, who: str = "carrier-a") -> dict[str, int]:
    counted = count_demands(world.registry, world.actor(who))
    return {name: getattr(counted, name) for name in ("open", "in_time", "late", "overdue")}


def rows_of(world: World, *tables: sa.Table) -> list[Any]:
    with unwatched(world.registry.store._engines.read.url).connect() as connection:
        return [row for table in tables for row in connection.execute(sa.select(table)).all()]


def everything(world: World) -> bytes:
    """Each value of each row of each table, one after the other: bytes as they are, all else as text."""
    rows = rows_of(world, *metadata.sorted_tables)
    return b"\n".join(each if isinstance(each, bytes) else str(each).encode() for row in rows for each in row)


def test_each_row_has_its_verdict(allowed: World) -> None:
    lists(allowed, "carrier-a", a_report("zhao"))
    lists(allowed, "carrier-b", a_report("wang"))
    fine = an_attestation()
    verdicts = attests(
        allowed,
        fine,
        fine,
        replace(fine, as_of=fine.as_of + DAY),
        replace(fine, as_of=fine.as_of - DAY),
        replace(fine, consent=None),
        replace(fine, consent=a_consent(text="unheard-of")),
        replace(fine, consent=a_consent(given_at=NOW + DAY)),
        replace(fine, consent=a_consent(until=TODAY)),
        replace(fine, consent=a_consent(until=TODAY + 356 * DAY)),
        an_attestation("zhao"),
        an_attestation("zhao", band=12, as_of=TODAY - 21 * DAY),
        replace(fine, band=13),
        replace(fine, as_of=TODAY + DAY),
        replace(fine, as_of=TODAY - 63 * DAY),
        replace(fine, tokens=tokens("wang", address="flat")),
        replace(fine, tokens=replace(tokens("wang"), epoch=9)),
        malformed_attestation("x", {"band": "required"}),
        an_attestation("li", band=12),
    )
    assert codes(verdicts) == [
        "ACCEPTED",
        "DUPLICATE",
        "REPLACED",
        "REJ_MALFORMED_ROW",
        *["ATT_NO_CONSENT"] * 4,
        "ATT_CONSENT_TOO_LONG",
        *["ATT_CONTRADICTED"] * 2,
        *["REJ_MALFORMED_ROW"] * 6,
        "ACCEPTED",
    ]
    assert verdicts[0].attestation_id == verdicts[1].attestation_id != verdicts[2].attestation_id
    assert [(each.errors[0].field, each.errors[0].code) for each in verdicts if each.errors] == [
        ("as_of", "out-of-order"),
        ("band", "invalid"),
        ("as_of", "in-the-future"),
        ("as_of", "too-long-ago"),
        ("tokens", "has-a-household"),
        ("tokens", "epoch-unknown"),
        ("band", "required"),
    ]
    assert [each.attestation_id for each in held(allowed)] == [verdicts[2].attestation_id]
    assert held(allowed, "zhao") == ()


def test_no_attestation_is_taken_where_the_rules_allow_none(world: World) -> None:
    assert codes(attests(world, an_attestation())) == ["ATT_NOT_ALLOWED"]
    assert codes(attests(allows(world, allowed=False), an_attestation())) == ["ATT_NOT_ALLOWED"]
    with refusal(Problem.EDGE_NOT_ALLOWED):
        demands(world)
    assert world.registry.store.read(lambda tx: tx.subjects.known({key_of(world)})) == frozenset()


def test_a_debt_that_was_due_before_the_span_contradicts_nothing(allowed: World) -> None:
    lists(allowed, "carrier-a", a_report(due_date=TODAY - 400 * DAY, number="A2", name="wang"))
    assert codes(attests(allowed, an_attestation(band=12), an_attestation(band=24))) == ["ACCEPTED", "ATT_CONTRADICTED"]


def test_a_later_record_of_the_same_carrier_ends_an_attestation_and_one_of_another_does_not(allowed: World) -> None:
    attests(allowed, an_attestation())
    attests(allowed, an_attestation(number="B1"), who="carrier-b")
    lists(allowed, "carrier-b", a_report("wang", "B7"))
    assert [each.participant_id for each in held(allowed)] == ["carrier-a"]
    assert [each["state"] for each in logged(allowed, EntryKind.ATTESTATION_ENDED)] == ["VOID"]
    listed = lists(allowed, "carrier-a", a_report("wang"))
    assert held(allowed) == ()
    withdraws(allowed, "carrier-a", listed.record_id)
    assert codes(attests(allowed, an_attestation())) == ["ACCEPTED"]


def test_a_debt_that_was_paid_contradicts_still(allowed: World) -> None:
    lists(allowed, "carrier-a", a_report("wang"))
    settles(allowed, "carrier-a", tokens("wang"), account("A1"))
    assert codes(attests(allowed, an_attestation())) == ["ATT_CONTRADICTED"]


def test_the_best_single_band_is_the_tenure_and_bands_are_never_added(allowed: World) -> None:
    attests(allowed, an_attestation(band=12), an_attestation(band=24, number="A2"))
    attests(allowed, an_attestation(band=24, as_of=TODAY - 61 * DAY), who="carrier-b")
    last = TODAY + 303 * DAY
    assert tenure_of(held(allowed), TODAY) is Tenure.TWO_YEARS
    assert [tenure_of(held(allowed)[2:], day) for day in (last, last + DAY)] == [Tenure.TWO_YEARS, Tenure.NONE]
    assert tenure_of((), TODAY) is Tenure.NONE


def test_an_attestation_ends_on_its_day_its_attester_is_told_before_and_its_subject_is_forgotten(
    allowed: World,
) -> None:
    [given] = attests(allowed, an_attestation())
    assert given.until == TODAY - 21 * DAY + YEAR
    allowed.clock.forward(days=313)
    tick(allowed.registry)
    assert told(allowed, "carrier-a") == []
    allowed.clock.forward(days=1)
    tick(allowed.registry)
    tick(allowed.registry)
    facts = {"attestation": str(given.attestation_id), "until": given.until.isoformat()}
    assert told(allowed, "carrier-a") == [("ATTESTATION_ENDING", None, facts)]
    allowed.clock.forward(days=30)
    assert not held(allowed)[0].counts_on(given.until)
    tick(allowed.registry)
    assert held(allowed) == ()
    assert [each["state"] for each in logged(allowed, EntryKind.ATTESTATION_ENDED)] == ["EXPIRED"]
    assert allowed.registry.store.read(lambda tx: tx.subjects.known({key_of(allowed)})) == frozenset()
    assert account("A1").hex().encode() not in everything(allowed)


def test_a_withdrawal_at_another_counter_leaves_no_byte_of_an_attestation(allowed: World) -> None:
    attests(allowed, an_attestation(consent=a_consent("former")))
    [given] = attests(allowed, an_attestation(as_of=TODAY - DAY))
    secrets = (consent_ref("consent"), consent_ref("former"), account("A1"), DOCUMENT)
    spelled = [form for each in secrets for form in (each, each.hex().encode(), b64url_encode(each).encode())]
    before = everything(allowed)
    assert [each in before for each in spelled[:9]] == [True, True, False, False, True, False, True, True, False]
    answer = withdraws_consent(allowed)
    assert answer["attestations"] == 1
    after = everything(allowed)
    assert [each for each in spelled if each in after] == []
    assert b'"band"' not in after
    assert held(allowed) == ()
    facts = {"attestation": str(given.attestation_id)}
    events = told(allowed, "carrier-a")
    assert [kind for kind, _, _ in events] == ["CONSENT_WITHDRAWN"] * 2
    assert ("CONSENT_WITHDRAWN", None, facts) in events
    assert told(allowed, "carrier-c") == []


def test_a_withdrawal_leaves_no_byte_in_the_file_and_none_in_our_logs(
    allowed: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    attests(allowed, an_attestation())
    url = allowed.registry.store._engines.read.url
    secrets = (consent_ref("consent"), account("A1"), DOCUMENT)
    spelled = [form for each in secrets for form in (each, each.hex().encode(), b64url_encode(each).encode())]
    if url.get_backend_name() == "sqlite":
        assert spelled[0] in content_of(url)
    withdraws_consent(allowed)
    if url.get_backend_name() == "sqlite":
        left = content_of(url)
        assert [each for each in (*spelled, b'"band"') if each in left] == []
    said = caplog.text.encode()
    assert [each for each in spelled if each in said] == []


def content_of(url: sa.URL) -> bytes:
    """Every byte of the files of a SQLite database, after its log of pages was written back."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0] == 0
    engine.dispose()
    file = Path(str(url.database))
    return b"".join(each.read_bytes() for each in sorted(file.parent.glob(f"{file.name}*")))


def test_a_withdrawn_consent_is_no_ground_for_another_attestation(allowed: World) -> None:
    attests(allowed, an_attestation())
    assert withdraws_consent(allowed, consent_ref=consent_ref("another"))["attestations"] == 0
    assert withdraws_consent(allowed, consent_ref=consent_ref("consent"))["attestations"] == 1
    anew = an_attestation(consent=a_consent("new"))
    assert codes(attests(allowed, an_attestation(), anew)) == ["ATT_NO_CONSENT", "ACCEPTED"]
    allowed.clock.forward(days=356)
    while end_attestations(allowed.registry):
        pass
    assert rows_of(allowed, withdrawn_consent) == rows_of(allowed, attestation) == []


def test_a_consent_that_was_replaced_is_withdrawn_alone(allowed: World) -> None:
    attests(allowed, an_attestation(consent=a_consent("former")))
    attests(allowed, an_attestation())
    assert withdraws_consent(allowed, consent_ref=consent_ref("former"))["attestations"] == 0
    assert consent_ref("former").hex().encode() not in everything(allowed)
    assert [each.consent_ref for each in held(allowed)] == [consent_ref("consent")]


def test_the_withdrawal_of_somebody_unknown_leaves_nothing(allowed: World) -> None:
    before = len(allowed.registry.store.read(lambda tx: tx.openings.first(1_000)))
    assert withdraws_consent(allowed, "nobody")["attestations"] == 0
    assert len(allowed.registry.store.read(lambda tx: tx.openings.first(1_000))) == before
    for wrong in ({"all": False}, {"all": True, "consent_ref": bytes(16)}):
        with refusal(Problem.INVALID_FIELD):
            withdraws_consent(allowed, **wrong)


def test_an_attester_takes_its_own_word_back_and_nobody_elses(allowed: World) -> None:
    [given] = attests(allowed, an_attestation())
    assert given.attestation_id is not None
    with refusal(Problem.NOT_FOUND):
        takes_back(allowed, given.attestation_id, "carrier-b")
    assert takes_back(allowed, given.attestation_id)["state"] == "WITHDRAWN"
    assert account("A1").hex().encode() not in everything(allowed)
    with refusal(Problem.NOT_FOUND):
        takes_back(allowed, given.attestation_id)
    assert codes(attests(allowed, an_attestation())) == ["ACCEPTED"]


def takes_back(world: World, attestation_id: UUID, who: str = "carrier-a") -> dict[str, Any]:
    body = withdraw_attestation(world.registry, world.actor(who), world.call(), attestation_id).body
    said: dict[str, Any] = json.loads(body)
    return said


def test_a_demand_is_told_to_the_carrier_and_its_answers_are_counted(allowed: World) -> None:
    first = demands(allowed)
    assert (first["state"], first["answer_due"]) == ("OPEN", "2026-12-04")
    assert demands(allowed)["demand_id"] == first["demand_id"]
    facts = {"demand": first["demand_id"], "answer_due": "2026-12-04"}
    assert told(allowed, "carrier-a") == [("ATTESTATION_DEMANDED", None, facts)]
    second, third = demands(allowed, "li"), demands(allowed, "zhao")
    assert counts(allowed) == {"open": 3, "in_time": 0, "late": 0, "overdue": 0}
    attests(allowed, an_attestation())
    assert counts(allowed) == {"open": 2, "in_time": 1, "late": 0, "overdue": 0}
    allowed.clock.forward(days=14)
    assert counts(allowed) == {"open": 0, "in_time": 1, "late": 0, "overdue": 2}
    with refusal(Problem.NOT_FOUND):
        replies(allowed, second, "carrier-b")
    assert replies(allowed, second)["state"] == "REFUSED"
    with refusal(Problem.EDGE_NOT_ALLOWED):
        replies(allowed, second)
    assert counts(allowed) == {"open": 0, "in_time": 1, "late": 1, "overdue": 1}
    assert counts(allowed, "carrier-b") == {"open": 0, "in_time": 0, "late": 0, "overdue": 0}
    stated = statement(allowed, tokens("zhao"))["attestation_demands"]
    assert [(each["state"], each["participant"]) for each in stated] == [("OVERDUE", "carrier-a")]
    allowed.clock.forward(days=365)
    tick(allowed.registry)
    assert counts(allowed) == {"open": 0, "in_time": 0, "late": 0, "overdue": 0}
    assert third["demand_id"] != second["demand_id"]


def test_who_does_not_report_is_asked_for_no_attestation(allowed: World) -> None:
    for nobody in ("operator", "nobody"):
        with refusal(Problem.INVALID_FIELD):
            demands(allowed, of=nobody)


def test_a_statement_tells_who_attests_and_under_which_consent(allowed: World) -> None:
    attests(allowed, an_attestation())
    [stated] = statement(allowed, tokens("wang"))["attestations"]
    assert stated == {
        "by": "carrier-a",
        "band": 36,
        "as_of": "2026-10-31",
        "until": "2027-10-31",
        "told_at": stated["told_at"],
        "consent_ref": b64url_encode(consent_ref("consent")),
        "text": "standard-1",
        "method": "APP",
        "consent_given_at": "2026-11-11T04:00:00.000000Z",
        "consent_until": "2027-11-11",
    }
    allowed.clock.forward(days=344)
    assert statement(allowed, tokens("wang"))["attestations"] == []


def test_a_chunk_that_is_sent_again_has_its_first_verdicts_and_its_progress_is_told(allowed: World) -> None:
    row, carrier = an_attestation(), allowed.actor("carrier-a")
    chunk: Chunk[SentAttestation] = Chunk(batch_key="month", number=0, rows_digest=bytes(32), rows=(row,))
    first = attest_chunk(allowed.registry, carrier, chunk, MalformedRun())
    assert attest_chunk(allowed.registry, carrier, chunk, MalformedRun()) == first
    progress = attestation_batch_progress(allowed.registry, carrier, "month")
    assert (progress.batch_key, progress.chunks, progress.rows) == ("month", 1, 1)
    with refusal(Problem.NOT_FOUND):
        attestation_batch_progress(allowed.registry, allowed.actor("carrier-b"), "month")


def test_the_best_band_that_counts_is_the_tenure_of_a_grade_and_ends_by_its_date(world: World) -> None:
    allowed = allows(world)
    assert grade_of(allowed) == ("C", "t0 C")
    attests(allowed, fresh(allowed, band=24), fresh(allowed, "li"))
    assert grade_of(allowed) == ("B", "t24 B")
    attests(allowed, fresh(allowed, number="B1"), who="carrier-b")
    assert grade_of(allowed) == ("A", "t36 A")
    assert statement(allowed, tokens("wang"))["grade"]["inputs"]["tenure"] == 36
    allowed.clock.forward(days=89)
    assert grade_of(allowed) == ("A", "t36 A")
    allowed.clock.forward(days=1)
    assert grade_of(allowed) == ("C", "t0 C")


def test_an_attestation_weighs_nothing_once_it_is_withdrawn_and_the_inquiry_keeps_its_letter(allowed: World) -> None:
    attests(allowed, fresh(allowed))
    first = asks_in_context(allowed, "carrier-b", tokens("wang"))
    withdraws_consent(allowed)
    assert grade_of(allowed) == ("C", "t0 C")
    entry = allowed.registry.store.read(lambda tx: tx.openings.find(first.inquiry_id))
    assert entry is not None
    assert json.loads(entry.personal or b"")["credit"].endswith("t36 A")


def grade_of(world: World) -> tuple[str, str]:
    """The letter that is answered, with the end of the text that the inquiry's entry keeps."""
    world.clock.forward(milliseconds=1)
    answer = asks_in_context(world, "carrier-c", tokens("wang"))
    entry = world.registry.store.read(lambda tx: tx.openings.find(answer.inquiry_id))
    assert answer.credit is not None
    assert entry is not None
    return answer.credit.grade.value, json.loads(entry.personal or b"")["credit"].partition(" k0 ")[2]


def test_many_rows_of_many_people_and_of_one_are_kept_replaced_and_ended_at_once(allowed: World) -> None:
    rows = [an_attestation(f"person-{number}", f"P{number}") for number in range(20)]
    rows += [an_attestation("wang", f"A{number}") for number in range(12)]
    assert set(codes(attests(allowed, *rows))) == {"ACCEPTED"}
    assert set(codes(attests(allowed, *rows))) == {"DUPLICATE"}
    newer = [replace(each, as_of=each.as_of + DAY, band=24) for each in rows]
    assert set(codes(attests(allowed, *newer))) == {"REPLACED"}
    assert {(each.band, each.as_of) for each in held(allowed)} == {(24, TODAY - 20 * DAY)}
    assert withdraws_consent(allowed)["attestations"] == 12
    assert (held(allowed), len(rows_of(allowed, attestation))) == ((), 20)
    allowed.clock.forward(days=345)
    assert end_attestations(allowed.registry) == 20
    assert rows_of(allowed, attestation) == []
