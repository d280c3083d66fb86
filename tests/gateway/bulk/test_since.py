"""A report that follows another confirms the unchanged rows by their records and judges all others in full."""

import csv
import dataclasses
import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from client.errors import RegistryUnreachable
from gateway.bulk.file_guards import Consent
from gateway.bulk.last_run import open_last_run
from gateway.bulk.progress import read_progress
from gateway.bulk.report import Comparison, ReportSummary
from gateway.bulk.rows_file import ENTRY_BYTES, HEADER_BYTES, read_header, rows_of
from gateway.bulk.withdraw import withdraw_records, withdraw_report
from gateway.errors import FileSuspicious, LastRunUnusable, OutputOfAnotherInput
from gateway.gateway import Gateway
from protocol.codes import WithdrawalReason
from tests.support.bulk import WRONG, nobody
from tests.support.exports import ADDRESS, debt, debts, resident, write
from tests.support.parties import Parties
from tests.support.restores import backup, restore
from tests.support.world import World

Month = Callable[..., ReportSummary]


def reported(
    gateway: Gateway, folder: Path, rows: list[dict[str, str]], name: str, since: str | None = None, **options: Any
) -> ReportSummary:
    """Report rows as ``name``, after the run ``since``."""
    source = write(folder / f"{name}-export.csv", rows)
    return gateway.report_file(
        source=source,
        mapping=folder / "mappings" / options.pop("mapping", "arrears.toml"),
        output=folder / name,
        since=None if since is None else folder / since,
        **options,
    )


@pytest.fixture
def month(gateway: Gateway, tmp_path: Path, mappings: Path) -> Month:
    def run(rows: list[dict[str, str]], name: str, since: str | None = None, **options: Any) -> ReportSummary:
        return reported(gateway, tmp_path, rows, name, since, **options)

    return run


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def batches(parties: Parties) -> list[list[dict[str, Any]]]:
    """The lines of the batches that the registry got."""
    sent = [each for each in parties.registry.sent if b"/v1/record-batches" in each]
    return [[json.loads(line) for line in each.split(b"\n")[1:] if line] for each in sent]


def confirmed_ids(parties: Parties) -> list[list[str]]:
    """The records that the registry was asked to confirm, call by call."""
    sent = [each for each in parties.registry.sent if b"/v1/records/unchanged" in each]
    return [[line["record_id"] for line in json.loads(each.split(b"\n")[1])["records"]] for each in sent]


def elements_sent(parties: Parties) -> int:
    return sum(parties.custodian(index).requests for index in (1, 2, 3))


def without(row: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in row.items() if name not in names}


def compared(summary: ReportSummary) -> Comparison:
    assert summary.comparison is not None
    return summary.comparison


def test_unchanged_rows_are_confirmed_without_tokens_and_without_a_figure(
    month: Month, parties: Parties, tmp_path: Path
) -> None:
    month(debts(6), "first.csv")
    parties.registry.sent.clear()
    asked = elements_sent(parties)
    done = month(debts(6), "second.csv", "first.csv")
    assert (done.verdicts, done.elements, compared(done).confirmed) == ({"DUPLICATE": 6}, 0, 6)
    assert elements_sent(parties) == asked
    assert batches(parties) == []
    listed, repeated = lines(tmp_path / "first.csv"), lines(tmp_path / "second.csv")
    assert [[each["record_id"] for each in listed]] == confirmed_ids(parties)
    assert [(each["account"], each["record_id"]) for each in repeated] == [
        (each["account"], each["record_id"]) for each in listed
    ]
    assert {each["state"] for each in repeated} == {"ACTIVE"}


def test_a_confirmed_line_is_that_of_a_row_judged_in_full_apart_from_the_state(month: Month, tmp_path: Path) -> None:
    rows = [
        debt("H1", 户号="4201060011665", 地址=ADDRESS),
        debt("H2", 证件号码=resident(2), 地址="我住在东北一个美丽的小山村"),
        debt("H3", 证件类型="信用代码", 证件号码="91350100M000100Y43"),
    ]
    month(rows, "first.csv")
    month([each | {"姓名": "another name"} for each in rows], "full.csv")  # the same file would be the same run
    month(rows, "delta.csv", "first.csv")
    delta, full = lines(tmp_path / "delta.csv"), lines(tmp_path / "full.csv")
    assert [without(each, "state") for each in delta] == [without(each, "state") for each in full]


def test_changed_new_and_refused_rows_are_judged_in_full_in_their_places(
    month: Month, parties: Parties, tmp_path: Path
) -> None:
    month([*debts(4), debt("BAD", 本金="x")], "first.csv")
    parties.registry.sent.clear()
    rows = [
        debt("NEW", 证件号码=resident(800)),
        debts(1)[0],
        debts(1, first=1)[0] | {"本金": "110.00"},
        debts(1, first=2)[0],
        debt("BAD", 本金="x"),
        debts(1, first=3)[0] | {"姓名": "李四"},
    ]
    done = month(rows, "second.csv", "first.csv")
    assert [each["verdict"] for each in lines(tmp_path / "second.csv")] == [
        "ACTIVE", "DUPLICATE", "UPDATED", "DUPLICATE", "REJ_INVALID_AMOUNT", "DUPLICATE",
    ]  # fmt: skip
    assert [line["row_id"] for line in batches(parties)[0]] == ["1", "3"]
    assert compared(done).confirmed == 3  # a column that the mapping does not name is nobody's business
    assert [each["state"] for each in lines(tmp_path / "second.csv")] == [
        "ACTIVE", "ACTIVE", "", "ACTIVE", "", "ACTIVE",
    ]  # fmt: skip


def test_a_row_spelled_otherwise_is_judged_in_full(month: Month, parties: Parties) -> None:
    month(debts(2), "first.csv")
    parties.registry.sent.clear()
    rows = [debts(1)[0] | {"本金": "120"}, debts(1, first=1)[0] | {"账户": "'A000001"}]
    assert compared(month(rows, "second.csv", "first.csv")).confirmed == 0
    assert [len(each) for each in batches(parties)] == [2]


def test_a_chain_of_months_goes_on_from_the_confirmed_rows(month: Month, tmp_path: Path) -> None:
    month(debts(3), "first.csv")
    month(debts(3), "second.csv", "first.csv")
    done = month(debts(4), "third.csv", "second.csv")
    assert (compared(done).confirmed, done.verdicts) == (3, {"ACTIVE": 1, "DUPLICATE": 3})


def test_a_waiting_record_is_confirmed_for_today_under_its_new_version_each_time(
    month: Month, world: World, tmp_path: Path
) -> None:
    waiting = [debt("W1", 通知日=(world.clock().date() - dt.timedelta(days=20)).isoformat())]
    assert month(waiting, "first.csv").verdicts == {"PENDING": 1}
    previous = "first.csv"
    for name in ("second.csv", "third.csv"):
        world.clock.forward(days=1)
        done = month(waiting, name, previous)
        assert (compared(done).confirmed, lines(tmp_path / name)[0]["state"]) == (1, "PENDING")
        previous = name


def test_a_record_that_changed_since_is_judged_in_full_in_the_same_chunk(
    month: Month, gateway: Gateway, parties: Parties, tmp_path: Path
) -> None:
    month(debts(4), "first.csv")
    gone = UUID(lines(tmp_path / "first.csv")[1]["record_id"])
    withdraw_records(gateway.registry, [gone], WithdrawalReason.WRONG_AMOUNT, nobody)
    parties.registry.sent.clear()
    done = month([*debts(4), debt("NEW", 证件号码=resident(800))], "second.csv", "first.csv")
    found = lines(tmp_path / "second.csv")
    assert [each["verdict"] for each in found] == ["DUPLICATE", "REJ_NO_NOTICE", "DUPLICATE", "DUPLICATE", "ACTIVE"]
    assert [[line["row_id"] for line in each] for each in batches(parties)] == [["2", "5"]]
    assert compared(done).confirmed == 3


def test_two_equal_rows_are_confirmed_as_one_record(month: Month, parties: Parties) -> None:
    month([*debts(2), *debts(1)], "first.csv")
    parties.registry.sent.clear()
    done = month([*debts(2), *debts(1)], "second.csv", "first.csv")
    assert (done.verdicts, [len(each) for each in confirmed_ids(parties)]) == ({"DUPLICATE": 3}, [2])


def test_an_unchanged_row_behind_a_changed_one_of_its_account_is_repeated(month: Month, tmp_path: Path) -> None:
    month(debts(2), "first.csv")
    changed = debts(1)[0] | {"本金": "110.00"}
    month(
        [changed, debts(1)[0], debts(1, first=1)[0], debts(1, first=1)[0] | {"本金": "5.00"}], "second.csv", "first.csv"
    )
    assert [each["verdict"] for each in lines(tmp_path / "second.csv")] == [
        "UPDATED", "REJ_ACCOUNT_REPEATED", "DUPLICATE", "REJ_ACCOUNT_REPEATED",
    ]  # fmt: skip
    month([debts(1)[0] | {"本金": "120"}, debts(1)[0]], "third.csv", "first.csv")
    assert {each["verdict"] for each in lines(tmp_path / "third.csv")} <= {"DUPLICATE", "UPDATED"}


def test_the_guards_look_at_unchanged_rows_as_at_all_others(month: Month) -> None:
    month(debts(30), "first.csv")
    numbers = [each["证件号码"] for each in debts(30)]
    shifted = [row | {"证件号码": number} for row, number in zip(debts(30), [*numbers[1:], numbers[0]], strict=True)]
    with pytest.raises(FileSuspicious, match="take out 25 of 30 open records"):
        month([*debts(5), *shifted[5:]], "second.csv", "first.csv")
    withdrawn = [each | {"本金": "0"} for each in debts(22)]
    with pytest.raises(FileSuspicious, match="take out 22 of 30"):
        month([*withdrawn, *debts(8, first=22)], "second.csv", "first.csv")


def test_another_holder_of_an_account_whose_first_row_is_unchanged_is_seen(month: Month, gateway: Gateway) -> None:
    month(debts(30), "first.csv")
    with pytest.raises(FileSuspicious, match="take out 0 open records, and not 1"):
        month(debts(30), "second.csv", "first.csv", consent=Consent(take_out=1))


def cut_after(parties: Parties, rows: int) -> Callable[[int, int], None]:
    def cut(done: int, _total: int) -> None:
        parties.registry.dead = done >= rows

    return cut


@pytest.mark.parametrize("lost", ["before", "confirmation", "batch"])
def test_a_killed_run_goes_on_under_the_same_names_and_doubles_nothing(
    parties: Parties, tmp_path: Path, mappings: Path, lost: str
) -> None:
    with parties.gateway(chunk_rows=4, attempts=1) as gateway:
        reported(gateway, tmp_path, debts(12), "first.csv")
        ids = [UUID(each["record_id"]) for each in lines(tmp_path / "first.csv")]
        withdraw_records(gateway.registry, [ids[5]], WithdrawalReason.WRONG_AMOUNT, nobody)
        rows = [*debts(7), debt("NEW", 证件号码=resident(800)), *debts(4, first=8)]
        parties.registry.sent.clear()

        def cut(done: int, _total: int) -> None:
            if done != 4:
                return
            if lost == "before":
                parties.registry.dead = True
            elif lost == "confirmation":
                parties.registry.after_next = [httpx.ReadError]
            else:
                inner = parties.registry.inner

                class Cut(httpx.BaseTransport):
                    def handle_request(self, request: httpx.Request) -> httpx.Response:
                        answer = inner.handle_request(request)
                        if "record-batches" in str(request.url):
                            answer.read()
                            parties.registry.inner = inner
                            raise httpx.ReadError("cut by the test")
                        return answer

                parties.registry.inner = Cut()

        with pytest.raises(RegistryUnreachable):
            reported(gateway, tmp_path, rows, "second.csv", "first.csv", on_progress=cut)
        assert rows_of(tmp_path / "second.csv").exists() is False
        with (tmp_path / "second.csv.rows.partial").open("ab") as partial:
            partial.write(b"half an entry")
        parties.registry.dead = False
        done = reported(gateway, tmp_path, rows, "second.csv", "first.csv")
    # Confirmations go ahead: the lost one may be that of a chunk further on, before which another one was finished.
    assert done.resumed_from_row in ((4, 8) if lost == "confirmation" else (4,))
    assert done.verdicts == {"ACTIVE": 1, "DUPLICATE": 10, "REJ_NO_NOTICE": 1}
    assert compared(done).confirmed == 10
    assert [line["row_id"] for line in batches(parties)[-1]] == ["6", "8"]
    assert len({json.dumps(each) for each in batches(parties)}) == 1
    header = read_header(rows_of(tmp_path / "second.csv").read_bytes())
    assert header.rows == 12
    assert rows_of(tmp_path / "second.csv").stat().st_size == HEADER_BYTES + 12 * ENTRY_BYTES
    with parties.gateway() as gateway:
        assert compared(reported(gateway, tmp_path, rows, "third.csv", "second.csv")).confirmed == 11


def test_a_run_that_died_between_its_two_files_finds_both(month: Month, tmp_path: Path) -> None:
    month(debts(3), "first.csv")
    output = tmp_path / "first.csv"
    kept = json.loads((tmp_path / "first.csv.progress").read_text())
    output.rename(tmp_path / "first.csv.partial")
    (tmp_path / "first.csv.progress").write_text(json.dumps(kept | {"finished": False}))
    month(debts(3), "first.csv")
    assert compared(month(debts(3), "second.csv", "first.csv")).confirmed == 3


def test_a_run_that_an_earlier_release_began_gets_no_rows(parties: Parties, tmp_path: Path, mappings: Path) -> None:
    with parties.gateway(chunk_rows=4, attempts=1) as gateway:
        with pytest.raises(RegistryUnreachable):
            reported(gateway, tmp_path, debts(9), "first.csv", on_progress=cut_after(parties, 4))
        parties.registry.dead = False
        (tmp_path / "first.csv.rows.partial").unlink()
        reported(gateway, tmp_path, debts(9), "first.csv")
        with pytest.raises(LastRunUnusable) as refused:
            reported(gateway, tmp_path, debts(9), "second.csv", "first.csv")
    assert refused.value.code == "since-without-rows"


def test_a_delta_report_is_taken_back_like_any_other(parties: Parties, tmp_path: Path, mappings: Path) -> None:
    with parties.gateway(chunk_rows=4, attempts=1) as gateway:
        reported(gateway, tmp_path, debts(4), "first.csv")
        rows = [*debts(4), *debts(5, first=10)]

        def cut(done: int, _total: int) -> None:
            parties.registry.after_next = [httpx.ReadError] if done == 4 else []

        with pytest.raises(RegistryUnreachable):
            reported(gateway, tmp_path, rows, "second.csv", "first.csv", on_progress=cut)
        taken = withdraw_report(gateway.registry, output=tmp_path / "second.csv", reason=WRONG, on_progress=nobody)
        assert (taken.records, taken.unseen, taken.only_repeated) == (0, 4, 4)
        with pytest.raises(LastRunUnusable) as refused:
            reported(gateway, tmp_path, rows, "third.csv", "second.csv")
    assert refused.value.code == "since-taken-back"


def test_after_a_restore_of_the_registry_every_row_is_judged_in_full(
    month: Month, world: World, tmp_path: Path
) -> None:
    copy = backup(tmp_path)
    month(debts(5), "first.csv")
    restore(world, tmp_path, copy)
    done = month(debts(5), "second.csv", "first.csv")
    assert done.verdicts == {"ACTIVE": 5}
    assert compared(done) == Comparison(confirmed=0, in_full="the registry was restored since the last run", missing=0)
    assert compared(month(debts(5), "third.csv", "second.csv")).confirmed == 5


def test_a_restore_during_the_run_has_it_judged_in_full(
    parties: Parties, world: World, tmp_path: Path, mappings: Path
) -> None:
    with parties.gateway(chunk_rows=4) as gateway:
        reported(gateway, tmp_path, debts(10), "first.csv")
        rows = [*debts(10), debt("NEW", 证件号码=resident(800))]
        copies: list[Path] = []
        reported(
            gateway,
            tmp_path,
            rows,
            "second.csv",
            "first.csv",
            on_progress=lambda done, _: copies.append(backup(tmp_path)) if done == 8 else None,
        )
        restore(world, tmp_path, copies[0])
        done = reported(gateway, tmp_path, rows, "second.csv", "first.csv")
    assert (done.sent_again, done.verdicts) == (True, {"ACTIVE": 1, "DUPLICATE": 10})
    assert compared(done).confirmed == 0


def test_other_rules_have_every_row_judged_and_the_summary_says_why(
    month: Month, tmp_path: Path, gateway: Gateway
) -> None:
    month(debts(3), "first.csv")
    rewrite(tmp_path / "first.csv", rules="2025-09")
    done = month(debts(3), "second.csv", "first.csv")
    assert (compared(done).confirmed, done.verdicts) == (0, {"DUPLICATE": 3})
    assert compared(done).in_full == "the rules are of another version than those of the last run"
    rewrite(tmp_path / "second.csv", form="rows/3+identifiers/0+household/1+accounts/1")
    assert "otherwise than" in str(compared(month(debts(3), "third.csv", "second.csv")).in_full)


def test_rules_that_change_while_the_run_goes_on_have_the_rest_judged_in_full(
    parties: Parties, world: World, tmp_path: Path, mappings: Path
) -> None:
    with parties.gateway(chunk_rows=4) as gateway:
        reported(gateway, tmp_path, debts(12), "first.csv")
        registry = gateway.tools.registry

        def another(done: int, _total: int) -> None:
            if done == 4:
                rules = registry.rules()
                registry._remembered.keep(registry._monotonic(), dataclasses.replace(rules, version="2027-01"))

        parties.registry.sent.clear()
        rows = [*debts(12), debt("NEW", 证件号码=resident(800))]
        done = reported(gateway, tmp_path, rows, "second.csv", "first.csv", on_progress=another)
    assert (compared(done).confirmed, done.verdicts) == (4, {"ACTIVE": 1, "DUPLICATE": 12})
    assert [len(each) for each in batches(parties)] == [4, 4, 1]


def rewrite(output: Path, **values: Any) -> None:
    """Change the header of an output's rows."""
    path = rows_of(output)
    raw = path.read_bytes()
    document = json.loads(raw[:HEADER_BYTES]) | values
    path.write_bytes(json.dumps(document).encode().ljust(HEADER_BYTES - 1) + b"\n" + raw[HEADER_BYTES:])


CAUSES: dict[str, Callable[[Path], object]] = {
    "since-other-carrier": lambda output: rewrite(output, carrier="carrier-b"),
    "since-other-registry": lambda output: rewrite(output, registry="00" * 32),
    "since-other-epoch": lambda output: rewrite(output, epoch=2),
    "since-other-accounts": lambda output: rewrite(output, accounts="00" * 32),
    "since-other-mapping": lambda output: rewrite(output, mapping="00" * 32),
    "since-changed": lambda output: output.write_bytes(output.read_bytes() + b"\n"),
    "since-without-rows": lambda output: rows_of(output).unlink(),
    "since-unfinished": lambda output: output.with_name(f"{output.name}.progress").unlink(),
    "since-rows-broken": lambda output: rows_of(output).write_bytes(rows_of(output).read_bytes()[:-1]),
}


@pytest.mark.parametrize("code", CAUSES)
def test_an_output_that_cannot_be_followed_is_refused_with_its_cause_before_anything_is_sent(
    month: Month, parties: Parties, tmp_path: Path, code: str
) -> None:
    month(debts(3), "first.csv")
    CAUSES[code](tmp_path / "first.csv")
    asked = parties.registry.requests
    with pytest.raises(LastRunUnusable) as refused:
        month(debts(3), "second.csv", "first.csv")
    assert refused.value.code == code
    assert str(refused.value).startswith(f"{tmp_path / 'first.csv'}: {code}: ")
    assert parties.registry.requests == asked
    assert not (tmp_path / "second.csv").exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw[:HEADER_BYTES] + bytes(ENTRY_BYTES) + raw[HEADER_BYTES + ENTRY_BYTES :],
        lambda raw: b"{}" + raw[2:],
        lambda raw: b"",
        lambda raw: raw[:100],
        lambda raw: raw.replace(b'"format": 1', b'"format": 2'),
        lambda raw: raw.replace(b'"epoch": 1', b'"epoch":"1'),
    ],
)
def test_rows_that_the_run_did_not_write_so_are_refused(
    month: Month, tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    month(debts(3), "first.csv")
    path = rows_of(tmp_path / "first.csv")
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(LastRunUnusable) as refused:
        month(debts(3), "second.csv", "first.csv")
    assert refused.value.code == "since-rows-broken"


def test_a_run_cannot_follow_itself_nor_another_mappings_run(month: Month, tmp_path: Path) -> None:
    month(debts(3), "first.csv")
    with pytest.raises(LastRunUnusable, match="since-same-output"):
        month(debts(3), "first.csv", "first.csv")
    mapping = tmp_path / "mappings" / "arrears.toml"
    mapping.write_text(mapping.read_text("utf-8") + "\n", "utf-8")
    with pytest.raises(LastRunUnusable, match="since-other-mapping"):
        month(debts(3), "second.csv", "first.csv")


def test_another_carrier_cannot_follow_a_run(month: Month, parties: Parties, tmp_path: Path) -> None:
    month(debts(3), "first.csv")
    with parties.gateway("carrier-b") as another, pytest.raises(LastRunUnusable, match="since-other-carrier"):
        reported(another, tmp_path, debts(3), "second.csv", "first.csv")


def test_the_same_output_after_another_run_is_another_run(month: Month) -> None:
    month(debts(3), "first.csv")
    month(debts(3), "second.csv", "first.csv")
    with pytest.raises(OutputOfAnotherInput):
        month(debts(3), "second.csv")


def test_no_raw_value_and_nothing_of_a_person_is_in_the_rows(month: Month, gateway: Gateway, tmp_path: Path) -> None:
    month([debt("ACCOUNT-77", 户号="4201060011665", 地址=ADDRESS)], "first.csv")
    path = rows_of(tmp_path / "first.csv")
    assert path.stat().st_mode & 0o777 == 0o600
    for raw in ("ACCOUNT-77", resident(1), "4201060011665", "王小明", "1160", "120.00"):
        assert raw.encode() not in path.read_bytes()[HEADER_BYTES:]
    last = open_last_run(
        tmp_path / "first.csv",
        output=tmp_path / "second.csv",
        target=gateway.tools.target,
        mapping=read_header(path.read_bytes()).mapping,
        account_key=gateway.tools.account_key,
    )
    [(_, entry)] = last.gone()
    assert entry.account == gateway.tools.accounts.read("ACCOUNT-77").reference
    assert (tmp_path / "first.csv.rows.partial").exists() is False
    finished = read_progress(tmp_path / "first.csv")
    assert finished is not None
    assert finished.finished
