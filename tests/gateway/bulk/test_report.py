import datetime as dt
import json
import uuid
from pathlib import Path

import httpx
import pytest

from client.errors import RegistryRefused, RegistryUnreachable
from gateway.bulk.progress import locked
from gateway.counter.evidence import confirm_unpaid
from gateway.errors import CustodiansUnavailable, FileBroken, OutputBusy, OutputOfAnotherInput, VerdictsBroken
from gateway.gateway import Gateway
from registry.usecases.records.read import read_record
from tests.support.builders import TODAY
from tests.support.bulk import report
from tests.support.exports import ADDRESS, debt, debts, resident, results, write
from tests.support.parties import Parties
from tests.support.world import World

CHILD = resident(5, born=TODAY - dt.timedelta(days=365 * 12))


def verdicts(tmp_path: Path) -> dict[str, str]:
    return {row[0]: row[1] for row in results(tmp_path / "results.csv")[1:]}


def days_ago(days: int) -> str:
    return (TODAY - dt.timedelta(days=days)).isoformat()


def test_each_row_gets_its_verdict_in_input_order(gateway: Gateway, tmp_path: Path, mappings: Path) -> None:
    rows = [
        debt("ok"),
        debt("ok"),
        debt("pending", 证件号码=resident(2), 通知日=days_ago(10)),
        debt("document", 证件号码="110105194912310021", 本金="abc"),
        debt("amount", 本金="-1", 到期日="x"),
        debt("zero", 本金="0.00"),
        debt("date", 到期日="2025-02-30", 本金="1.00"),
        debt("small", 本金="99.99"),
        debt("recent", 到期日=days_ago(80), 通知日=days_ago(70)),
        debt("notice", 通知日="", 渠道=""),
        debt("dispute", 类别="争议"),
        debt("child", 证件号码=CHILD),
        debt("child-small", 证件号码=CHILD, 本金="5"),
        debt("child-dispute", 证件号码=CHILD, 类别="争议"),
        debt("label", 类别="不知道"),
        debt("kind", 证件类型="驾照"),
        debt("empty-kind", 证件类型=""),
        debt("dealer", 代理商="D" * 33),
        debt("future", 到期日=(TODAY + dt.timedelta(days=1)).isoformat()),
    ]
    summary = report(gateway, tmp_path, mappings, rows)
    assert [tuple(row[:2]) for row in results(tmp_path / "results.csv")] == [
        ("account", "verdict"),
        ("ok", "ACTIVE"),
        ("ok", "DUPLICATE"),
        ("pending", "PENDING"),
        ("document", "REJ_INVALID_DOCUMENT"),
        ("amount", "REJ_INVALID_AMOUNT"),
        ("zero", "REJ_INVALID_AMOUNT"),
        ("date", "REJ_INVALID_DATE"),
        ("small", "REJ_BELOW_MINIMUM"),
        ("recent", "REJ_TOO_RECENT"),
        ("notice", "REJ_NO_NOTICE"),
        ("dispute", "REJ_OPEN_DISPUTE"),
        ("child", "REJ_MINOR"),
        ("child-small", "REJ_BELOW_MINIMUM"),
        ("child-dispute", "REJ_OPEN_DISPUTE"),
        ("label", "REJ_MALFORMED_ROW"),
        ("kind", "REJ_MALFORMED_ROW"),
        ("empty-kind", "REJ_INVALID_DOCUMENT"),
        ("dealer", "REJ_MALFORMED_ROW"),
        ("future", "REJ_INVALID_DATE"),
    ]
    assert summary.rows == 19
    assert summary.verdicts["ACTIVE"] == 1


def test_nothing_raw_is_sent_to_anybody(gateway: Gateway, parties: Parties, tmp_path: Path, mappings: Path) -> None:
    row = debt("ACCOUNT-77", 户号="4201060011665", 地址=ADDRESS, 业务="宽带")
    report(gateway, tmp_path, mappings, [row, debt("CHILD-78", 证件号码=CHILD)])
    sent = parties.everything_sent()
    assert len(sent) > 1000
    for raw in (resident(1), "王小明", "4201060011665", "1160", "学府路", "ACCOUNT-77", CHILD, "CHILD-78"):
        for encoding in ("utf-8", "gb18030"):
            assert raw.encode(encoding) not in sent
        assert json.dumps(raw).strip('"').encode() not in sent


def test_the_row_of_a_child_or_an_invalid_document_does_not_leave_without_an_open_record(
    gateway: Gateway, parties: Parties, tmp_path: Path, mappings: Path
) -> None:
    report(gateway, tmp_path, mappings, [debt(证件号码=CHILD), debt("A2", 证件号码="1" * 18)])
    assert [parties.custodian(index).requests for index in (1, 2, 3)] == [0, 0, 0]
    assert parties.registry.requests == 2  # the rules, and which records are open
    assert not any(b"record-batches" in each for each in parties.registry.sent)


def test_equal_inputs_are_evaluated_once(gateway: Gateway, tmp_path: Path, mappings: Path) -> None:
    rows = [debt(f"A{n}", 户号="4201060011665") for n in range(20)]
    assert report(gateway, tmp_path, mappings, rows).elements == 2


def test_a_gb18030_export_reads_like_any_other(gateway: Gateway, tmp_path: Path, mappings: Path) -> None:
    source = write(tmp_path / "export.csv", [debt()], encoding="gb18030")
    gateway.report_file(source=source, mapping=mappings / "gb.toml", output=tmp_path / "results.csv")
    assert verdicts(tmp_path) == {"A001": "ACTIVE"}


def test_a_broken_file_sends_nothing_and_leaves_nothing(
    gateway: Gateway, parties: Parties, tmp_path: Path, mappings: Path
) -> None:
    source = tmp_path / "export.csv"
    source.write_bytes(write(source, debts(30)).read_bytes()[:-40])
    with pytest.raises(FileBroken):
        gateway.report_file(source=source, mapping=mappings / "arrears.toml", output=tmp_path / "results.csv")
    assert parties.everything_sent() == b""
    assert list(tmp_path.glob("results*")) == []


def test_the_same_command_again_asks_for_the_incarnation_alone(
    gateway: Gateway, parties: Parties, tmp_path: Path, mappings: Path
) -> None:
    first = report(gateway, tmp_path, mappings, debts(5))
    asked = parties.registry.requests
    again = report(gateway, tmp_path, mappings, debts(5))
    assert parties.registry.requests == asked + 1
    assert b"/v1/rules" in parties.registry.sent[-1]
    assert (again.verdicts, again.resumed_from_row) == (first.verdicts, 5)


def test_another_input_under_the_same_output_is_refused_until_restarted(
    gateway: Gateway, tmp_path: Path, mappings: Path
) -> None:
    report(gateway, tmp_path, mappings, debts(2))
    with pytest.raises(OutputOfAnotherInput, match="--restart"):
        report(gateway, tmp_path, mappings, debts(3))
    assert report(gateway, tmp_path, mappings, debts(3), restart=True).rows == 3
    assert len(verdicts(tmp_path)) == 3


def test_an_output_that_is_not_ours_is_not_overwritten(gateway: Gateway, tmp_path: Path, mappings: Path) -> None:
    (tmp_path / "results.csv").write_text("precious")
    with pytest.raises(OutputOfAnotherInput):
        report(gateway, tmp_path, mappings, debts(2))
    assert (tmp_path / "results.csv").read_text() == "precious"


def test_two_runs_do_not_write_one_output(gateway: Gateway, tmp_path: Path, mappings: Path) -> None:
    with locked(tmp_path / "results.csv"), pytest.raises(OutputBusy):
        report(gateway, tmp_path, mappings, debts(2))


def test_an_interrupted_run_goes_on_and_doubles_nothing(parties: Parties, tmp_path: Path, mappings: Path) -> None:
    with parties.gateway(chunk_rows=10, attempts=1, parallel_chunks=2) as gateway:
        parties.registry.fail_next = []

        def cut(done: int, _total: int) -> None:
            parties.registry.dead = done >= 30

        with pytest.raises(RegistryUnreachable):
            report(gateway, tmp_path, mappings, debts(65), on_progress=cut)
        assert not (tmp_path / "results.csv").exists()
        with (tmp_path / "results.csv.partial").open("ab") as partial:
            partial.write(b"A000030,half a li")
        parties.registry.dead = False
        summary = report(gateway, tmp_path, mappings, debts(65))
    assert summary.resumed_from_row == 30
    assert verdicts(tmp_path) == {f"A{n:06d}": "ACTIVE" for n in range(65)}
    assert not (tmp_path / "results.csv.partial").exists()


def test_an_output_that_is_shorter_than_its_progress_is_not_gone_on_with(
    parties: Parties, tmp_path: Path, mappings: Path
) -> None:
    with parties.gateway(chunk_rows=10, attempts=1, parallel_chunks=2) as gateway:

        def cut(done: int, _total: int) -> None:
            parties.registry.dead = done >= 30

        with pytest.raises(RegistryUnreachable):
            report(gateway, tmp_path, mappings, debts(65), on_progress=cut)
        parties.registry.dead = False
        partial = tmp_path / "results.csv.partial"
        whole = partial.read_bytes()
        partial.write_bytes(whole[:-1])
        with pytest.raises(OutputOfAnotherInput, match="shorter than its progress"):
            report(gateway, tmp_path, mappings, debts(65))
        assert partial.read_bytes() == whole[:-1]
        partial.unlink()
        with pytest.raises(OutputOfAnotherInput, match="is missing"):
            report(gateway, tmp_path, mappings, debts(65))
        partial.write_bytes(whole)
        assert report(gateway, tmp_path, mappings, debts(65)).resumed_from_row == 30
    assert verdicts(tmp_path) == {f"A{n:06d}": "ACTIVE" for n in range(65)}


def test_an_answer_lost_on_the_way_back_doubles_nothing(
    gateway: Gateway, parties: Parties, tmp_path: Path, mappings: Path
) -> None:
    gateway.registry.rules()
    parties.registry.after_next = [httpx.ReadError]
    report(gateway, tmp_path, mappings, debts(4))
    assert set(verdicts(tmp_path).values()) == {"ACTIVE"}


def test_a_crash_before_the_progress_is_written_doubles_nothing(
    parties: Parties, tmp_path: Path, mappings: Path
) -> None:
    with parties.gateway() as gateway:
        report(gateway, tmp_path, mappings, debts(4))
        for name in ("results.csv", "results.csv.progress"):
            (tmp_path / name).unlink()
        report(gateway, tmp_path, mappings, debts(4))
    assert set(verdicts(tmp_path).values()) == {"ACTIVE"}


def test_the_progress_file_holds_digests_and_counts_only(parties: Parties, tmp_path: Path, mappings: Path) -> None:
    with parties.gateway() as gateway:
        report(gateway, tmp_path, mappings, debts(2))
        tokens = gateway.tools.tokeniser.tokens([])
    progress = json.loads((tmp_path / "results.csv.progress").read_text())
    assert tokens == []
    assert set(progress) == {
        "run", "chunks_done", "rows_done", "elements", "output_bytes", "verdicts", "finished",
        "incarnation", "begun_under", "batches_before", "confirmed",
    }  # fmt: skip


def test_one_dead_custodian_is_survived(gateway: Gateway, parties: Parties, tmp_path: Path, mappings: Path) -> None:
    parties.custodian(1).dead = True
    report(gateway, tmp_path, mappings, debts(3))
    assert set(verdicts(tmp_path).values()) == {"ACTIVE"}


def test_two_dead_custodians_are_one_clear_error_and_the_run_resumes(
    gateway: Gateway, parties: Parties, tmp_path: Path, mappings: Path
) -> None:
    parties.custodian(1).dead = parties.custodian(3).dead = True
    with pytest.raises(CustodiansUnavailable) as unavailable:
        report(gateway, tmp_path, mappings, debts(3))
    assert str(unavailable.value) == (
        "2 key custodians are needed, 1 gave a usable answer (custodian 1: not reachable; custodian 3: not reachable)"
    )
    parties.custodian(3).dead = False
    assert report(gateway, tmp_path, mappings, debts(3)).verdicts == {"ACTIVE": 3}


@pytest.mark.parametrize("status", [502, 503, 504, 429])
def test_a_busy_registry_is_asked_again(
    gateway: Gateway, parties: Parties, tmp_path: Path, mappings: Path, status: int
) -> None:
    gateway.registry.rules()
    parties.registry.fail_next = [status, httpx.ReadTimeout]
    report(gateway, tmp_path, mappings, debts(2))
    assert set(verdicts(tmp_path).values()) == {"ACTIVE"}


def test_a_refusal_of_the_registry_has_its_stable_name(gateway: Gateway) -> None:
    with pytest.raises(RegistryRefused) as refused:
        gateway.quote("no-such-quote-reference")
    assert (refused.value.problem, refused.value.status) == ("not-found", 404)


def test_costs_go_with_the_report_and_broken_ones_are_rejected(
    gateway: Gateway, world: World, tmp_path: Path, mappings: Path
) -> None:
    mapping = mappings / "arrears.toml"
    mapping.write_text(mapping.read_text("utf-8").replace('dealer = "代理商"', 'costs = "代理商"'), "utf-8")
    rows = [debt("court", 代理商="50.00"), debt("without", 证件号码=resident(2)), debt("bad", 代理商="fifty")]
    report(gateway, tmp_path, mappings, rows)
    assert verdicts(tmp_path) == {"court": "ACTIVE", "without": "ACTIVE", "bad": "REJ_INVALID_AMOUNT"}
    ids = [uuid.UUID(row[2]) for row in results(tmp_path / "results.csv")[1:3]]
    records = [read_record(world.registry, world.actor("carrier-a"), each) for each in ids]
    assert [each.costs_fen for each in records] == [50_00, 0]


def test_what_waits_is_confirmed_from_the_file_of_verdicts(gateway: Gateway, tmp_path: Path, mappings: Path) -> None:
    rows = [debt("pending", 通知日=days_ago(10)), debt("active", 证件号码=resident(2)), debt("bad", 本金="x")]
    report(gateway, tmp_path, mappings, rows)
    assert confirm_unpaid(gateway.registry, tmp_path / "results.csv") == {"CONFIRMED": 1, "NOT_PENDING": 1}


@pytest.mark.parametrize("content", ["account,verdict\nA1,PENDING\n", "account,verdict,record_id\nA1,PENDING,x\n", ""])
def test_a_file_that_names_no_records_confirms_nothing(
    gateway: Gateway, parties: Parties, tmp_path: Path, content: str
) -> None:
    (tmp_path / "other.csv").write_text(content, "utf-8")
    with pytest.raises(VerdictsBroken):
        confirm_unpaid(gateway.registry, tmp_path / "other.csv")
    assert parties.registry.requests == 0
