"""A member takes back, lists, sells and leaves from the command line, against a registry that listens."""

import csv
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from gateway.bulk.progress import batch_key
from registry.usecases.chunks import Chunk
from registry.usecases.records.report import report_chunk
from tests.support.api import admit_checker
from tests.support.builders import a_report, account
from tests.support.commands import called, configured
from tests.support.registries import known
from tests.support.restores import backup, restore
from tests.support.stories import lists
from tests.support.world import World

RUN = "0" * 64


@pytest.fixture
def call(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    admit_checker(world)
    configs = {name: configured(world, tmp_path, name) for name in ("carrier-a", "carrier-a-checker", "carrier-b")}
    buyer = configs["carrier-b"]
    buyer.write_text(buyer.read_text().replace('id = "carrier-a"', 'id = "carrier-b"'))

    def run(*words: str, who: str = "carrier-a") -> tuple[int, str, str]:
        code, out, err = called(capsys, "gateway", *words, "--config", str(configs[who]))
        return code, out, err

    return run


@pytest.fixture
def operator(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Any, str]]:
    def run(*words: str) -> tuple[int, Any, str]:
        signed = [*known(world), "--key", str(tmp_path / "operator.pem"), "--key-id", "operator-1"]
        with pytest.raises(SystemExit) as end:
            main(["registry", *words, *signed, "--json"])
        out, err = capsys.readouterr()
        return int(end.value.code or 0), json.loads(out) if out else None, err

    return run


def owes(world: World, count: int) -> list[str]:
    return [str(lists(world, "carrier-a", a_report(f"d{each}", f"A{each}")).record_id) for each in range(count)]


def reported(world: World, folder: Path, count: int) -> Path:
    """A finished report of one batch, with its output and its progress."""
    rows = tuple(a_report(f"d{each}", f"A{each}", account_ref=account(f"A{each}")) for each in range(count))
    chunk = Chunk(batch_key=batch_key(RUN, 0), number=0, rows_digest=hashlib.sha256(b"rows").digest(), rows=rows)
    verdicts = [json.loads(line) for line in report_chunk(world.registry, world.actor("carrier-a"), chunk).splitlines()]
    lines = [f"A{place},{each['verdict']},{each['record_id']}\n" for place, each in enumerate(verdicts)]
    output = folder / "verdicts.csv"
    output.write_text("account,verdict,record_id\n" + "".join(lines))
    size = output.stat().st_size
    progress = {"run": RUN, "chunks_done": 1, "rows_done": count, "output_bytes": size, "finished": True}
    (folder / "verdicts.csv.progress").write_text(json.dumps(progress))
    return output


def test_a_whole_report_is_taken_back_with_a_word_on_every_record(
    call: Callable[..., tuple[int, str, str]], world: World, tmp_path: Path
) -> None:
    output = reported(world, tmp_path, 3)
    code, out, err = call("withdraw-report", str(output), "--reason", "REPORTED_IN_ERROR", "--json")
    done = {"records": 3, "withdrawn": 3, "cancelled": 0, "left_alone": {}, "only_repeated": 0, "unseen": 0}
    assert (code, json.loads(out)) == (0, done | {"sent_again": False})
    assert "withdraw verdicts.csv: 2 of 2" in err
    assert len((tmp_path / "verdicts.csv.withdrawn").read_text().splitlines()) == 4
    assert call("records")[1] == ""


def test_after_a_restore_the_same_commands_take_back_again_and_say_what_is_missing(
    call: Callable[..., tuple[int, str, str]], world: World, tmp_path: Path
) -> None:
    output = reported(world, tmp_path, 2)
    copy = backup(tmp_path)
    (tmp_path / "events.cursor").write_text("5\n")
    words = ("withdraw-report", str(output), "--reason", "REPORTED_IN_ERROR", "--json")
    assert call(*words)[0] == 0
    restore(world, tmp_path, copy)
    code, out, err = call(*words)
    assert (code, json.loads(out)["withdrawn"], json.loads(out)["sent_again"]) == (0, 2, True)
    assert err.endswith("the registry was restored since this was taken back: it was taken back again\n")
    code, out, err = call("events", "--cursor", str(tmp_path / "events.cursor"), "--json")
    told = json.loads(out.splitlines()[0])
    assert (code, told["kind"], told["reason"]) == (0, "EVENTS_DROPPED", "RESTORED")
    assert err.startswith("the registry was restored from a backup: some events were lost")


def test_ids_are_taken_back_and_a_bad_line_sends_nothing(
    call: Callable[..., tuple[int, str, str]], world: World, tmp_path: Path
) -> None:
    ids = owes(world, 3)
    listed = tmp_path / "ids.txt"
    listed.write_text(f"{ids[0]}\nZhang San 13812345678\n")
    code, out, err = call("withdraw", str(listed), "--reason", "WRONG_SUBJECT")
    assert (code, out) == (1, "")
    assert err == f"clearline: {listed}: line 2 holds no record id\n"
    assert len(call("records", "--state", "ACTIVE")[1].splitlines()) == 3
    listed.write_text(f"{ids[0]}\n{ids[2]}\n")
    code, out, _ = call("withdraw", str(listed), "--reason", "WRONG_SUBJECT", "--json")
    assert (code, json.loads(out)) == (0, {"records": 2, "withdrawn": 2, "cancelled": 0, "left_alone": {}})
    assert [json.loads(each)["record_id"] for each in call("records")[1].splitlines()] == [ids[1]]


def test_own_records_are_a_table_or_a_file(
    call: Callable[..., tuple[int, str, str]], world: World, tmp_path: Path
) -> None:
    ids = owes(world, 2)
    code, out, _ = call("records", "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert (code, {each["record_id"] for each in rows}) == (0, set(ids))
    assert {each["principal_fen"] for each in rows} == {"12000"}
    output = tmp_path / "own.ndjson"
    code, out, err = call("records", "--out", str(output))
    assert (code, out, err) == (0, "", "records: 2\n")
    assert [set(json.loads(each)) for each in output.read_text().splitlines()] == [set(rows[0])] * 2
    assert call("records", "--state", "GONE")[0] == 2


def listed_now(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> str:
    """A file of the records that carrier-a has open."""
    own = tmp_path / "own.txt"
    own.write_text("".join(json.loads(each)["record_id"] + "\n" for each in call("records")[1].splitlines()))
    return str(own)


def test_two_people_sell_the_buyer_accepts_and_the_seller_leaves(
    call: Callable[..., tuple[int, str, str]],
    operator: Callable[..., tuple[int, Any, str]],
    world: World,
    tmp_path: Path,
) -> None:
    ids = owes(world, 2)
    listed = tmp_path / "sold.txt"
    listed.write_text("\n".join(ids))
    proposal = ("transfer", "propose", str(listed), "--to", "carrier-b", "--ground", "MERGER", "--json")
    code, out, _ = call(*proposal)
    transfer_id = json.loads(out)["transfer_id"]
    assert (code, call(*proposal)[1]) == (0, out)
    code, _, err = call("transfer", "confirm", transfer_id)
    assert (code, "role-missing" in err) == (1, True)
    assert (
        json.loads(call("transfer", "confirm", transfer_id, "--json", who="carrier-a-checker")[1])["state"] == "OFFERED"
    )

    code, _, err = operator("exit", "carrier-a")
    assert code == 1
    assert err == "clearline: the registry refused: edge-not-allowed (409) [records.ACTIVE: 2]\n"

    accounts = tmp_path / "accounts.csv"
    accounts.write_text("record_id,account\n" + "".join(f"{each},B-{each}\n" for each in ids))
    code, out, _ = call("transfer", "accept", str(accounts), transfer_id, who="carrier-b")
    assert code == 0
    assert "TRANSFERRED 2" in out
    assert "ACCEPTED" in call("transfer", "show", transfer_id)[1]
    code, _, err = call("transfer", "cancel", transfer_id)
    assert (code, "edge-not-allowed" in err) == (1, True)
    assert len(call("records", who="carrier-b")[1].splitlines()) == 2

    assert "UNDO_PROPOSED" in call("transfer", "undo", transfer_id, who="carrier-b")[1]
    code, out, _ = call("transfer", "confirm-undo", transfer_id)
    assert (code, "UNDONE_TRANSFERRED 2" in out) == (0, True)
    again = call("transfer", "propose", listed_now(call, tmp_path), "--to", "carrier-b", "--ground", "SALE", "--json")
    transfer_id = json.loads(again[1])["transfer_id"]
    call("transfer", "confirm", transfer_id, who="carrier-a-checker")
    accounts.write_text(
        "record_id,account\n"
        + "".join(f"{each['record_id']},C-{each['record_id']}\n" for each in json.loads(again[1])["records"])
    )
    assert call("transfer", "accept", str(accounts), transfer_id, who="carrier-b")[0] == 0

    code, gone, _ = operator("exit", "carrier-a")
    assert (code, gone["participant_id"]) == (0, "carrier-a")
    assert gone["left_at"] is not None
    assert operator("exit", "carrier-a")[1] == gone
    code, _, err = call("records")
    assert (code, "key-unknown" in err or "key-revoked" in err) == (1, True)


def test_no_cell_of_a_list_of_records_is_run_by_a_spreadsheet(
    call: Callable[..., tuple[int, str, str]], world: World
) -> None:
    lists(world, "carrier-a", a_report(account_ref=b"\xf8" + bytes(31)))
    _, out, _ = call("records", "--csv")
    [record] = csv.DictReader(io.StringIO(out))
    assert record["account_ref"].startswith("'-")
