"""What was reported wrongly is taken back, report by report or by ids; an interruption loses and doubles nothing."""

import datetime as dt
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest

from client.errors import RegistryAnswerBroken, RegistryRefused, RegistryUnreachable
from gateway.bulk.progress import locked
from gateway.bulk.record_files import record_ids
from gateway.bulk.run_plan import read_plan
from gateway.bulk.withdraw import withdraw_records
from gateway.counter.settlements import Payment
from gateway.errors import OutputBusy, OutputOfAnotherInput, VerdictsBroken
from gateway.gateway import Gateway
from gateway.identity.documents import RawIdentity
from protocol.codes import SettlementKind
from protocol.identifiers import DocumentKind
from protocol.messages.settlements import SettlementReceipt
from protocol.messages.withdrawals import BatchWithdrawalProgress
from protocol.states import RecordState
from tests.support.builders import TODAY
from tests.support.bulk import WRONG, counts, nobody, report, take_back
from tests.support.exports import debt, debts, resident, results, write
from tests.support.parties import Parties
from tests.support.world import World


def pay(gateway: Gateway, row: dict[str, str]) -> SettlementReceipt:
    """Settle one row of an export in full, at the creditor's own counter."""
    identity = RawIdentity(kind=DocumentKind.RESIDENT_ID, number=row["证件号码"])
    return gateway.settle(Payment(identity=identity, account=row["账户"], kind=SettlementKind.FULL, amount_fen=240_00))


def test_all_that_a_report_listed_is_taken_back_and_what_is_left_alone_has_a_reason(
    gateway: Gateway, world: World, tmp_path: Path, mappings: Path
) -> None:
    early = debt("early", 证件号码=resident(801))
    gateway.report_file(
        source=write(tmp_path / "earlier.csv", [early]),
        mapping=mappings / "arrears.toml",
        output=tmp_path / "earlier-results.csv",
    )
    waits = debt("waits", 证件号码=resident(802), 通知日=(TODAY - dt.timedelta(days=10)).isoformat())
    rows = [*debts(7), waits, early, debt("small", 本金="1.00"), debts(1)[0]]
    report(gateway, tmp_path, mappings, rows)
    pay(gateway, rows[3])
    seen = []
    done = take_back(gateway, tmp_path, lambda *each: seen.append(each))
    assert (done.records, done.withdrawn, done.cancelled, done.left_alone) == (8, 6, 1, {"CLEARED": 1})
    assert (done.only_repeated, done.unseen) == (1, 0)
    assert seen == [(0, 2), (1, 2), (2, 2)]
    assert counts(world) == {
        RecordState.ACTIVE: 1,
        RecordState.WITHDRAWN: 6,
        RecordState.CANCELLED: 1,
        RecordState.CLEARED: 1,
    }
    told = dict(results(tmp_path / "results.csv.withdrawn")[1:])
    by_account = {row[0]: row[2] for row in reversed(results(tmp_path / "results.csv")[1:])}
    assert len(told) == 8
    assert told[by_account["waits"]] == "CANCELLED"
    assert told[by_account["A000003"]] == "CLEARED"
    assert by_account["early"] not in told


def test_the_same_command_again_tells_the_end_and_asks_for_the_incarnation_alone(
    gateway: Gateway, parties: Parties, tmp_path: Path, mappings: Path
) -> None:
    report(gateway, tmp_path, mappings, debts(4))
    first = take_back(gateway, tmp_path)
    asked = parties.registry.requests
    assert take_back(gateway, tmp_path) == first
    assert parties.registry.requests == asked + 1
    assert b"/v1/rules" in parties.registry.sent[-1]


def test_an_interrupted_withdrawal_goes_on_where_it_stopped(
    parties: Parties, world: World, tmp_path: Path, mappings: Path
) -> None:
    with parties.gateway(chunk_rows=10, attempts=1) as gateway:
        report(gateway, tmp_path, mappings, debts(65))

        def cut(done: int, _total: int) -> None:
            parties.registry.dead = done >= 3

        with pytest.raises(RegistryUnreachable):
            take_back(gateway, tmp_path, cut)
        assert counts(world) == {RecordState.WITHDRAWN: 30, RecordState.ACTIVE: 35}
        assert not (tmp_path / "results.csv.withdrawn").exists()
        parties.registry.dead = False
        seen = []
        done = take_back(gateway, tmp_path, lambda *each: seen.append(each))
    assert seen[0] == (3, 8)
    assert (done.records, done.withdrawn, done.left_alone) == (65, 65, {})
    assert counts(world) == {RecordState.WITHDRAWN: 65}
    assert len(results(tmp_path / "results.csv.withdrawn")) == 66


def test_answers_lost_on_the_way_back_take_nothing_twice(
    gateway: Gateway, parties: Parties, world: World, tmp_path: Path, mappings: Path
) -> None:
    report(gateway, tmp_path, mappings, debts(5))

    def lose(done: int, total: int) -> None:
        if done < total:
            parties.registry.after_next = [httpx.ReadError]

    assert take_back(gateway, tmp_path, lose).withdrawn == 5
    assert counts(world) == {RecordState.WITHDRAWN: 5}


def test_an_interrupted_report_is_taken_back_with_the_batch_whose_verdicts_never_came(
    parties: Parties, world: World, tmp_path: Path, mappings: Path
) -> None:
    with parties.gateway(chunk_rows=10, attempts=1, parallel_chunks=2) as gateway:

        def lose(done: int, _total: int) -> None:
            if done == 20:
                parties.registry.after_next = [httpx.ReadError]

        with pytest.raises(RegistryUnreachable):
            report(gateway, tmp_path, mappings, debts(65), on_progress=lose)
        assert counts(world) == {RecordState.ACTIVE: 30}
        done = take_back(gateway, tmp_path)
        assert (done.records, done.withdrawn, done.unseen) == (20, 20, 10)
        assert counts(world) == {RecordState.WITHDRAWN: 30}
        with pytest.raises(OutputOfAnotherInput, match="was taken back"):
            report(gateway, tmp_path, mappings, debts(65))
    assert counts(world) == {RecordState.WITHDRAWN: 30}


def test_a_report_whose_batches_are_no_longer_known_is_taken_back_by_its_ids(
    gateway: Gateway, world: World, tmp_path: Path, mappings: Path
) -> None:
    report(gateway, tmp_path, mappings, debts(4))
    progress = tmp_path / "results.csv.progress"
    run = "0" * 64
    text = progress.read_text().split('"run": "')
    progress.write_text(f'{text[0]}"run": "{run}{text[1][64:]}')
    done = take_back(gateway, tmp_path)
    assert (done.withdrawn, done.unseen) == (4, 0)
    assert counts(world) == {RecordState.WITHDRAWN: 4}


def test_what_was_taken_back_is_not_listed_again_without_a_later_notice(
    gateway: Gateway, world: World, tmp_path: Path, mappings: Path
) -> None:
    report(gateway, tmp_path, mappings, debts(3))
    take_back(gateway, tmp_path)
    again: dict[str, Any] = {"mapping": mappings / "arrears.toml", "output": tmp_path / "again.csv"}
    with pytest.raises(RegistryRefused) as refused:
        gateway.report_file(source=tmp_path / "export.csv", **again)
    assert refused.value.problem == "edge-not-allowed"
    corrected = write(tmp_path / "corrected.csv", [debts(1)[0] | {"本金": "130.00"}, debt("new", 证件号码=resident(9))])
    gateway.report_file(source=corrected, restart=True, **again)
    assert [row[1] for row in results(tmp_path / "again.csv")[1:]] == ["REJ_NO_NOTICE", "ACTIVE"]
    assert counts(world) == {RecordState.WITHDRAWN: 3, RecordState.ACTIVE: 1}


def test_another_carrier_takes_nothing_back(
    gateway: Gateway, parties: Parties, world: World, tmp_path: Path, mappings: Path
) -> None:
    report(gateway, tmp_path, mappings, debts(3))
    with parties.gateway("carrier-b") as other:
        done = take_back(other, tmp_path)
    assert (done.withdrawn, done.left_alone) == (0, {"NOT_FOUND": 3})
    assert counts(world) == {RecordState.ACTIVE: 3}


def test_without_its_progress_a_report_cannot_be_taken_back_as_a_whole(
    gateway: Gateway, parties: Parties, tmp_path: Path, mappings: Path
) -> None:
    report(gateway, tmp_path, mappings, debts(2))
    (tmp_path / "results.csv.progress").unlink()
    asked = parties.registry.requests
    with pytest.raises(OutputOfAnotherInput, match="no progress file"):
        take_back(gateway, tmp_path)
    assert parties.registry.requests == asked


def test_a_report_that_is_still_running_is_not_taken_back(gateway: Gateway, tmp_path: Path, mappings: Path) -> None:
    report(gateway, tmp_path, mappings, debts(2))
    with locked(tmp_path / "results.csv"), pytest.raises(OutputBusy):
        take_back(gateway, tmp_path)


def test_a_registry_that_does_not_get_on_is_not_asked_for_ever(
    gateway: Gateway, parties: Parties, tmp_path: Path, mappings: Path
) -> None:
    report(gateway, tmp_path, mappings, debts(2))
    stuck = BatchWithdrawalProgress(chunks=1, done=0, withdrawn=0, left_alone=0, finished=False)
    gateway.registry.post = lambda *_, **__: stuck  # type: ignore[method-assign, assignment]
    with pytest.raises(RegistryAnswerBroken, match="does not get on"):
        take_back(gateway, tmp_path)


def test_records_are_taken_back_from_a_plain_list_and_from_verdicts(
    gateway: Gateway, world: World, tmp_path: Path, mappings: Path
) -> None:
    report(gateway, tmp_path, mappings, [*debts(5), debt("small", 本金="1.00")])
    ids = record_ids(tmp_path / "results.csv")
    assert len(ids) == 5
    (tmp_path / "ids.txt").write_text(f"{ids[0]}\n\n{ids[1]}\n{ids[0]}\n")
    done = withdraw_records(gateway.registry, record_ids(tmp_path / "ids.txt"), WRONG, nobody)
    assert (done.records, done.withdrawn) == (2, 2)
    done = withdraw_records(gateway.registry, [*ids, uuid.UUID(int=5)], WRONG, nobody)
    assert (done.records, done.withdrawn, done.left_alone) == (6, 5, {"NOT_FOUND": 1})
    assert counts(world) == {RecordState.WITHDRAWN: 5}


def test_records_are_taken_back_a_thousand_a_call(gateway: Gateway, parties: Parties) -> None:
    seen = []
    ids = [uuid.UUID(int=each) for each in range(2_001)]
    done = withdraw_records(gateway.registry, ids, WRONG, lambda *each: seen.append(each))
    assert done.left_alone == {"NOT_FOUND": 2_001}
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]


GOOD = "0198c2c4-0000-7000-8000-000000000000"
SECRET = "SECRET-4201"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "has no column record_id"),
        (f"account,verdict\n{SECRET},ACTIVE\n", "has no column record_id"),
        (f"account,verdict,record_id\nA1,ACTIVE,{GOOD}\nA2,ACTIVE,{SECRET}\n", "line 3 holds no record id"),
        (f"account,verdict,record_id\n{SECRET},ACTIVE\n", "line 2 has fewer columns than the first line"),
        (f"{GOOD}\n{SECRET}\n", "line 2 holds no record id"),
        (f"{SECRET}\n{GOOD}\n", "line 1 holds no record id"),
        (f"{GOOD}\n{GOOD.upper()}\n", "line 2 holds no record id"),
        (f'{GOOD}\n"{SECRET}\n', "line 2 is no line of a CSV file"),
        (f"{GOOD}\n".encode() + SECRET.encode() + b"\xff\n", "line 2 is not UTF-8"),
    ],
)
def test_a_bad_line_is_named_and_never_repeated(tmp_path: Path, content: str | bytes, complaint: str) -> None:
    path = tmp_path / "ids.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(VerdictsBroken) as broken:
        record_ids(path)
    assert str(broken.value).startswith(f"{path}: {complaint}")
    assert SECRET not in str(broken.value)


def test_a_mark_at_the_start_of_a_file_is_no_part_of_its_first_line(tmp_path: Path) -> None:
    (tmp_path / "ids.csv").write_text(f"record_id\n{GOOD}\n", encoding="utf-8-sig")
    assert record_ids(tmp_path / "ids.csv") == (uuid.UUID(GOOD),)


def test_a_batch_with_refused_rows_is_taken_back_by_the_name_that_it_was_sent_under(
    gateway: Gateway, parties: Parties, tmp_path: Path, mappings: Path
) -> None:
    gateway.report_file(
        source=write(tmp_path / "earlier.csv", debts(1)),
        mapping=mappings / "arrears.toml",
        output=tmp_path / "earlier-results.csv",
    )
    report(gateway, tmp_path, mappings, [debts(1)[0] | {"本金": "0.00"}, debt("new", 证件号码=resident(801))])
    sent = parties.registry.sent[-1]
    parties.registry.sent.clear()
    assert take_back(gateway, tmp_path).withdrawn == 1
    plan = read_plan(tmp_path / "results.csv")
    assert plan is not None
    assert plan.refused == (1,)
    assert plan.batch_key(0).encode() in sent
    assert any(f"/v1/record-batches/{plan.batch_key(0)}/withdrawal".encode() in each for each in parties.registry.sent)
