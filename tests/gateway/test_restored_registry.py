"""After a restore of the registry a gateway sends again what is missing, doubles nothing, and says what happened."""

import dataclasses
import json
import logging
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from client.errors import IncarnationChanged, IncarnationWentBack
from client.pinned_key import NDJSON
from client.resources.records import report_batch
from gateway.bulk.file_guards import Consent
from gateway.bulk.progress import read_progress
from gateway.bulk.run_plan import read_plan
from gateway.bulk.withdraw import withdraw_records, withdraw_report
from gateway.errors import OutputOfAnotherInput
from gateway.gateway import Gateway
from gateway.wiring import build
from protocol.codes import WithdrawalReason
from protocol.states import RecordState
from tests.support.builders import a_report
from tests.support.bulk import counts, report, take_back
from tests.support.exports import debt, debts, resident, results, write
from tests.support.local import a_client
from tests.support.parties import Parties
from tests.support.restores import backup, declare, restore
from tests.support.world import World

HERE = "http://127.0.0.1:9201"


def ids(tmp_path: Path) -> dict[str, str]:
    return {row[0]: row[2] for row in results(tmp_path / "results.csv")[1:]}


def test_a_report_sends_again_what_the_restored_registry_does_not_have(
    gateway: Gateway, world: World, tmp_path: Path, mappings: Path
) -> None:
    copy = backup(tmp_path)
    first = report(gateway, tmp_path, mappings, debts(5))
    restore(world, tmp_path, copy)
    assert counts(world) == {}
    again = report(gateway, tmp_path, mappings, debts(5))
    assert (again.sent_again, again.resumed_from_row, again.verdicts) == (True, 0, first.verdicts)
    assert counts(world) == {RecordState.ACTIVE: 5}
    once_more = report(gateway, tmp_path, mappings, debts(5))
    assert (once_more.sent_again, once_more.resumed_from_row) == (False, 5)


def test_a_report_over_a_backup_that_has_a_part_of_it_is_completed(
    parties: Parties, world: World, tmp_path: Path, mappings: Path
) -> None:
    with parties.gateway(chunk_rows=4) as gateway:
        copies = []
        whole = report(
            gateway,
            tmp_path,
            mappings,
            debts(10),
            on_progress=lambda done, _: copies.append((done, backup(tmp_path))) if done == 4 else None,
        )
        before = ids(tmp_path)
        restore(world, tmp_path, copies[0][1])
        assert counts(world) == {RecordState.ACTIVE: 4}
        again = report(gateway, tmp_path, mappings, debts(10))
    assert again.verdicts == whole.verdicts
    assert counts(world) == {RecordState.ACTIVE: 10}
    now = ids(tmp_path)
    assert sum(now[account] == before[account] for account in now) == 4


def test_a_restore_during_a_report_is_an_alarm_and_the_same_command_mends_it(
    parties: Parties, world: World, tmp_path: Path, mappings: Path
) -> None:
    copy = backup(tmp_path)

    def interfere(done: int, _total: int) -> None:
        if done == 4:
            restore(world, tmp_path, copy)

    with parties.gateway(chunk_rows=4) as gateway:
        with pytest.raises(IncarnationChanged, match=r"incarnation-changed: .*run the same again"):
            report(gateway, tmp_path, mappings, debts(10), on_progress=interfere)
        assert counts(world) == {}  # the registry took no chunk that was meant for another incarnation
        assert report(gateway, tmp_path, mappings, debts(10)).verdicts == {"ACTIVE": 10}
    assert counts(world) == {RecordState.ACTIVE: 10}


def test_progress_of_a_later_incarnation_is_an_alarm_and_nothing_is_sent(
    parties: Parties, world: World, tmp_path: Path, mappings: Path
) -> None:
    copy = backup(tmp_path)
    with parties.gateway() as gateway:
        declare(world, 3)
        report(gateway, tmp_path, mappings, debts(3))
        restore(world, tmp_path, copy, number=2)
        sent = (tmp_path / "results.csv.progress").read_bytes()
    with (
        parties.gateway() as another,
        pytest.raises(IncarnationWentBack, match="at incarnation 2 and was at 3") as told,
    ):
        report(another, tmp_path, mappings, debts(3))
    assert told.value.code == "incarnation-went-back"
    assert counts(world) == {}
    assert (tmp_path / "results.csv.progress").read_bytes() == sent


def test_a_progress_file_of_before_incarnations_is_of_the_first_one(
    gateway: Gateway, world: World, tmp_path: Path, mappings: Path
) -> None:
    copy = backup(tmp_path)
    report(gateway, tmp_path, mappings, debts(2))
    path = tmp_path / "results.csv.progress"
    kept = json.loads(path.read_text())
    for name in ("incarnation", "begun_under", "batches_before"):
        kept.pop(name)
    path.write_text(json.dumps(kept))
    assert report(gateway, tmp_path, mappings, debts(2)).resumed_from_row == 2
    restore(world, tmp_path, copy)
    assert report(gateway, tmp_path, mappings, debts(2)).sent_again
    assert counts(world) == {RecordState.ACTIVE: 2}


@pytest.mark.parametrize(
    "numbers", [{"incarnation": 0}, {"incarnation": True}, {"incarnation": 9000}, {"begun_under": 2}]
)
def test_a_progress_file_with_an_impossible_incarnation_is_refused(tmp_path: Path, numbers: dict[str, Any]) -> None:
    document = {"run": "a run", "chunks_done": 1, "incarnation": 1} | numbers
    (tmp_path / "results.csv.progress").write_text(json.dumps(document))
    with pytest.raises(OutputOfAnotherInput, match="is no progress file"):
        read_progress(tmp_path / "results.csv")


def test_a_chunk_that_the_backup_has_with_other_rows_is_judged_anew_and_taken_back(
    gateway: Gateway, world: World, tmp_path: Path, mappings: Path
) -> None:
    copy = backup(tmp_path)
    report(gateway, tmp_path, mappings, debts(2))
    restore(world, tmp_path, copy)
    # As it was read on another day, under other rules.
    report_batch(gateway.registry, read_plan(tmp_path / "results.csv").batch_key(0), [a_report()])
    restore(world, tmp_path, backup(tmp_path), number=3)
    assert report(gateway, tmp_path, mappings, debts(2)).verdicts == {"ACTIVE": 2}
    assert counts(world) == {RecordState.ACTIVE: 3}
    take_back(gateway, tmp_path)
    assert counts(world) == {RecordState.WITHDRAWN: 3}


def test_after_a_restore_the_file_is_looked_at_again_for_records_that_are_open_now(
    gateway: Gateway, world: World, tmp_path: Path, mappings: Path
) -> None:
    source = write(tmp_path / "first.csv", [debt("A1")])
    gateway.report_file(source=source, mapping=mappings / "arrears.toml", output=tmp_path / "first-out.csv")
    copy = backup(tmp_path)
    # The record is taken back after the backup, and the row of today says that nothing is owed.
    withdraw_report(
        gateway.registry,
        output=tmp_path / "first-out.csv",
        reason=WithdrawalReason.REPORTED_IN_ERROR,
        on_progress=lambda *_: None,
    )
    rows = [debt("A1", 本金="0.00")]
    report(gateway, tmp_path, mappings, rows)
    assert read_plan(tmp_path / "results.csv").refused == ()
    restore(world, tmp_path, copy)
    assert counts(world) == {RecordState.ACTIVE: 1}
    report(gateway, tmp_path, mappings, rows, consent=Consent(take_out=1))
    assert counts(world) == {RecordState.WITHDRAWN: 1}


def test_a_withdrawal_is_repeated_on_the_restored_registry(
    gateway: Gateway, world: World, tmp_path: Path, mappings: Path
) -> None:
    report(gateway, tmp_path, mappings, debts(3))
    copy = backup(tmp_path)
    assert take_back(gateway, tmp_path).withdrawn == 3
    restore(world, tmp_path, copy)
    assert counts(world) == {RecordState.ACTIVE: 3}
    assert take_back(gateway, tmp_path).withdrawn == 3
    assert counts(world) == {RecordState.WITHDRAWN: 3}


def test_a_report_that_the_restored_registry_never_had_is_taken_back_without_a_fault(
    gateway: Gateway, world: World, tmp_path: Path, mappings: Path
) -> None:
    copy = backup(tmp_path)
    report(gateway, tmp_path, mappings, debts(3))
    restore(world, tmp_path, copy)
    assert take_back(gateway, tmp_path).left_alone == {"NOT_FOUND": 3}


def test_a_report_that_was_sent_again_in_part_is_taken_back_with_what_the_backup_had(
    parties: Parties, world: World, tmp_path: Path, mappings: Path
) -> None:
    with parties.gateway(chunk_rows=3, attempts=1) as gateway:
        report(gateway, tmp_path, mappings, debts(9))
        restore(world, tmp_path, backup(tmp_path))

        def die(done: int, _total: int) -> None:
            if done == 3:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            report(gateway, tmp_path, mappings, debts(9), on_progress=die)
        assert read_progress(tmp_path / "results.csv").batches == 3
        take_back(gateway, tmp_path)
    assert counts(world) == {RecordState.WITHDRAWN: 9}


def test_a_gateway_remembers_the_newest_incarnation_beside_its_settings(
    parties: Parties, world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    seen = tmp_path / "registry.seen"
    settings = dataclasses.replace(parties.settings("carrier-a"), seen=seen)
    with build(settings, transports=parties.lines, clock=parties.clock) as here:
        here.registry.rules()
        assert not seen.exists()
        copy = backup(tmp_path)
        restore(world, tmp_path, copy, number=4)
        caplog.set_level(logging.WARNING, logger="clearline.gateway")
        here.registry.ask_incarnation()
    assert json.loads(seen.read_text())["incarnation"] == 4
    assert seen.stat().st_mode & 0o077 == 0
    assert "registry-restored: the registry was restored (incarnation 4): run each" in caplog.text
    restore(world, tmp_path, copy, number=3)
    with (
        build(settings, transports=parties.lines, clock=parties.clock) as later,
        pytest.raises(IncarnationWentBack, match="at incarnation 3 and was at 4"),
    ):
        later.registry.rules()


def test_the_local_service_says_why_a_debt_is_missing_and_answers_nothing_of_an_older_registry(
    parties: Parties, world: World, tmp_path: Path, mappings: Path
) -> None:
    settings = dataclasses.replace(parties.settings("carrier-a"), seen=tmp_path / "registry.seen")
    document = {"kind": "RESIDENT_ID", "number": resident(1)}
    payment = {"document": document, "account": "A1", "kind": "FULL", "amount_fen": 240_00}
    copy = backup(tmp_path)
    with (
        build(settings, transports=parties.lines, clock=parties.clock) as here,
        a_client(here, tmp_path / "local-tokens.json") as service,
    ):
        report(here, tmp_path, mappings, [debt("A1")])
        restore(world, tmp_path, copy)
        missing = service.post("/settlements", json=payment, base_url=HERE)
        assert (missing.status_code, missing.json["detail"]) == (404, here.registry.incarnations.hint)
        assert "restored from a backup (incarnation 2)" in missing.json["detail"]
        restore(world, tmp_path, copy, number=None)
        older = service.post("/check", json={"document": document, "service_class": "MOBILE"}, base_url=HERE)
        assert (older.status_code, older.json["detail"].partition(":")[0]) == (503, "incarnation-went-back")
        world.clock.forward(days=31)
        assert here.registry.incarnations.hint is None


def test_a_restore_between_two_calls_of_one_act_ends_it(
    gateway: Gateway, world: World, tmp_path: Path, mappings: Path
) -> None:
    report(gateway, tmp_path, mappings, debts(2))
    listed = [UUID(each) for each in ids(tmp_path).values()]
    copy = backup(tmp_path)

    def interfere(done: int, _total: int) -> None:
        if done == 1:
            restore(world, tmp_path, copy)

    with pytest.raises(IncarnationChanged):
        withdraw_records(gateway.registry, listed, WithdrawalReason.REPORTED_IN_ERROR, interfere, page_length=1)
    assert withdraw_records(gateway.registry, listed, WithdrawalReason.REPORTED_IN_ERROR, lambda *_: None).records == 2
    assert counts(world) == {RecordState.WITHDRAWN: 2}


def test_what_a_stream_that_nobody_signed_says_of_the_incarnation_is_not_believed(
    gateway: Gateway, parties: Parties, tmp_path: Path, mappings: Path
) -> None:
    inner = parties.registry.inner

    class Lying(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = inner.handle_request(request)
            if answer.headers["Content-Type"] == NDJSON:
                answer.headers["Clearline-Incarnation"] = "9"
            return answer

    parties.registry.inner = Lying()
    assert report(gateway, tmp_path, mappings, debts(2)).verdicts == {"ACTIVE": 2}
    assert gateway.registry.incarnations.newest == read_progress(tmp_path / "results.csv").incarnation == 1
