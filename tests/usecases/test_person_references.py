"""A creditor's own reference of a person on its account: who gets it back, and when it goes."""

import datetime as dt
import json
import uuid
from typing import Any

from protocol.codes import Role, Verdict, WithdrawalReason
from protocol.encodings import b64url_encode
from protocol.messages.records import RecordsQuery
from protocol.wire.codec import write
from registry.usecases.archive.read import read_archive
from registry.usecases.archive.seal_records import seal_records
from registry.usecases.records.read import list_records, read_record
from registry.usecases.records.withdraw import withdraw
from tests.support.builders import TODAY, a_report, tokens
from tests.support.statements import statement
from tests.support.stories import asks, lists, reports
from tests.support.transfers import sells
from tests.support.world import World

WANG, LI = b"w" * 32, b"l" * 32
OLD_SPELLING = b"o" * 32


def references(world: World, carrier: str = "carrier-a") -> list[str | None]:
    page = write(list_records(world.registry, world.actor(carrier), RecordsQuery(limit=100)))
    return [each["person_ref"] for each in page["records"]]


def listed(world: World, person_ref: bytes | None = WANG, name: str = "wang") -> uuid.UUID:
    record_id = lists(world, "carrier-a", a_report(name, person_ref=person_ref)).record_id
    assert record_id is not None
    return record_id


def test_the_creditor_alone_gets_the_reference_back_and_only_in_its_list(world: World) -> None:
    record_id = listed(world)
    assert references(world) == [b64url_encode(WANG)]
    assert references(world, "carrier-b") == []
    asks(world, "carrier-b", tokens("wang"))
    told = [write(read_record(world.registry, world.actor("carrier-a"), record_id)), statement(world, tokens("wang"))]
    logged = world.registry.store.read(lambda tx: tx.openings.first(1_000))
    written = json.dumps(told) + repr([(each.core, each.personal) for each in logged])
    assert b64url_encode(WANG) not in written
    assert WANG.hex() not in written


def test_a_record_without_a_reference_takes_that_of_its_next_report_over_and_is_no_other_record(world: World) -> None:
    record_id = listed(world, None)
    before = write(read_record(world.registry, world.actor("carrier-a"), record_id))
    assert references(world) == [None]
    assert reports(world, "carrier-a", a_report("wang", person_ref=WANG)).verdict is Verdict.DUPLICATE
    assert references(world) == [b64url_encode(WANG)]
    assert write(read_record(world.registry, world.actor("carrier-a"), record_id)) == before
    assert reports(world, "carrier-a", a_report("wang")).verdict is Verdict.DUPLICATE
    assert references(world) == [b64url_encode(WANG)]


def test_a_report_that_changes_figures_brings_the_reference_and_one_without_it_leaves_it(world: World) -> None:
    listed(world, OLD_SPELLING)
    lower = a_report("wang", principal_fen=110_00, person_ref=WANG)
    assert reports(world, "carrier-a", lower).verdict is Verdict.UPDATED
    assert references(world) == [b64url_encode(WANG)]
    assert reports(world, "carrier-a", a_report("wang", principal_fen=105_00)).verdict is Verdict.UPDATED
    assert references(world) == [b64url_encode(WANG)]


def test_a_corrected_person_has_the_reference_of_the_correction(world: World) -> None:
    former = listed(world)
    notice: dict[str, Any] = {"notice_date": TODAY + dt.timedelta(days=1)}
    world.clock.forward(days=40)
    verdict = reports(world, "carrier-a", a_report("li", person_ref=LI, **notice))
    assert verdict.withdrew == (former,)
    assert references(world) == [b64url_encode(WANG), b64url_encode(LI)]


def test_a_row_that_changes_nothing_does_not_change_the_reference_either(world: World) -> None:
    listed(world)
    refused = a_report("wang", person_ref=LI, notice_date=None, notice_channel=None)
    assert reports(world, "carrier-a", refused).verdict is Verdict.REJ_NO_NOTICE
    given_to_li = a_report("li", person_ref=LI, due_date=TODAY + dt.timedelta(days=1))
    assert reports(world, "carrier-a", given_to_li).verdict is Verdict.REJ_ACCOUNT_IN_USE
    assert references(world) == [b64url_encode(WANG)]


def test_the_buyer_of_a_debt_does_not_get_the_sellers_reference(world: World) -> None:
    sells(world, listed(world))
    assert references(world, "carrier-b") == [None]


def test_the_reference_is_destroyed_when_a_closed_record_is_sealed(world: World) -> None:
    record_id = listed(world)
    withdraw(
        world.registry,
        world.actor("carrier-a"),
        world.call(),
        record_id=record_id,
        reason=WithdrawalReason.WRONG_AMOUNT,
        expected_version=None,
    )
    world.clock.forward(days=300)
    assert seal_records(world.registry) == 1
    assert references(world) == []
    archived = json.dumps(write(read_archive(world.registry, world.actor("carrier-c", Role.AUDITOR), record_id)))
    assert "account_ref" in archived
    assert "person_ref" not in archived
