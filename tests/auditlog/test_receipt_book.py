"""A settlement's receipt: fetched from the real registry and its real integrator, verified, kept, and told of."""

import io
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from auditlog.errors import LogRefused
from auditlog.receipt_book import Noted, opening_beside
from auditlog.receipts import Trust, leaf_of, verify
from cli.main import main
from gateway.counter.settlements import Payment
from gateway.gateway import Gateway
from gateway.identity.documents import RawIdentity
from gateway.wiring import build
from protocol.codes import SettlementKind
from protocol.identifiers import DocumentKind
from protocol.receipts import Grade
from registry.usecases.context import LogIdentity
from registry.usecases.log.begin_log import begin_log
from registry.work.signer import LogSigner
from tests.support.builders import TODAY
from tests.support.bulk import settle_payments
from tests.support.exports import debt, resident, results, write
from tests.support.local import a_client
from tests.support.log_rounds import integrate_all, integrator
from tests.support.parties import Parties
from tests.support.restores import backup, restore
from tests.support.world import World

HERE = "http://127.0.0.1:9201"


@pytest.fixture
def gateway(parties: Parties, tmp_path: Path, mappings: Path) -> Iterator[Gateway]:
    """A gateway that pinned the log, and a debt that it reported."""
    with build(parties.settings_with_log(), transports=parties.lines, clock=parties.clock) as here:
        source = write(tmp_path / "arrears.csv", [debt("OWED")])
        here.report_file(source=source, mapping=mappings / "arrears.toml", output=tmp_path / "reported.csv")
        yield here


def paid(gateway: Gateway) -> UUID:
    identity = RawIdentity(kind=DocumentKind.RESIDENT_ID, number=resident(1))
    payment = Payment(identity=identity, account="OWED", kind=SettlementKind.FULL, amount_fen=240_00)
    return gateway.settle(payment).settlement_id


@contextmanager
def integrating(world: World, folder: Path) -> Iterator[None]:
    """The integrator as `registry serve` runs it: a thread beside the application."""
    stop = threading.Event()
    thread = threading.Thread(target=integrator(world, folder).run, args=(stop, 0.05))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def receipts_in(folder: Path) -> set[str]:
    return {path.name for path in (folder / "carrier-a" / "log-state" / "receipts").iterdir()} - {"lock"}


def test_a_settlement_brings_its_receipt_which_holds_without_a_network(
    gateway: Gateway, world: World, parties: Parties, tmp_path: Path
) -> None:
    with integrating(world, tmp_path):
        settlement = paid(gateway)
        noted = gateway.note_receipt(settlement)
    path = tmp_path / "carrier-a" / "log-state" / "receipts" / f"{settlement}.tlog-proof"
    assert noted == Noted(path=path)
    for line in parties.lines.values():
        line.dead = True
    key = gateway.receipts._party.key(world.clock.now.year)
    opening = opening_beside(path).read_bytes()
    verify(path.read_bytes(), leaf_of(opening), Trust(key=key))
    assert json.loads(json.loads(opening)["core"])["kind"] == "settlement"
    assert gateway.note_receipt(settlement) == noted


def test_a_file_of_payments_brings_a_receipt_for_each_or_tells_that_it_is_pending(
    gateway: Gateway, world: World, tmp_path: Path
) -> None:
    source = tmp_path / "payments.csv"
    header = "account,document_kind,document_number,kind,amount_yuan,settled_at\n"
    row = f"OWED,RESIDENT_ID,{resident(1)},PARTIAL,%s,{TODAY.isoformat()}\n"
    source.write_text(header + "".join(row % yuan for yuan in (10, 11, 12)), encoding="utf-8")
    with integrating(world, tmp_path):
        assert settle_payments(gateway, source, tmp_path / "settled.csv").bad_receipts == 0
    names = {f"{line[8]}.tlog-proof" for line in results(tmp_path / "settled.csv")[1:]}
    assert {line[10] for line in results(tmp_path / "settled.csv")[1:]} == names
    assert names < receipts_in(tmp_path)
    source.write_text(header + row % 13, encoding="utf-8")
    settle_payments(gateway, source, tmp_path / "later.csv")
    assert results(tmp_path / "later.csv")[1][10] == "PENDING"


def test_nobody_but_its_owner_reads_what_is_kept(gateway: Gateway, world: World, tmp_path: Path) -> None:
    settlement = paid(gateway)
    integrate_all(world, tmp_path)
    folder = gateway.note_receipt(settlement).path.parent
    for path in (folder.parent, folder, *folder.iterdir()):
        assert path.stat().st_mode & 0o077 == 0, path


def test_what_is_kept_names_no_number_and_no_account(gateway: Gateway, world: World, tmp_path: Path) -> None:
    settlement = paid(gateway)
    integrate_all(world, tmp_path)
    folder = gateway.note_receipt(settlement).path.parent
    kept = b"".join(path.read_bytes() for path in folder.iterdir())
    assert b"OWED" not in kept
    assert resident(1).encode() not in kept


def test_without_a_head_the_settlement_stands_and_the_promise_is_kept(
    gateway: Gateway, world: World, tmp_path: Path
) -> None:
    settlement = paid(gateway)
    begun = time.monotonic()
    noted = gateway.note_receipt(settlement)
    assert 1.5 < time.monotonic() - begun < 4
    assert noted.to_answer() == {"receipt": None, "receipt_pending": True}
    assert receipts_in(tmp_path) == {f"{settlement}.promise"}
    integrate_all(world, tmp_path)
    assert gateway.note_receipt(settlement).to_answer()["receipt_pending"] is False
    names = {f"{settlement}.{suffix}" for suffix in ("promise", "tlog-proof", "tlog-proof.opening")}
    assert receipts_in(tmp_path) == names


def test_a_registry_that_falls_silent_after_the_payment_leaves_the_receipt_for_later(
    gateway: Gateway, parties: Parties
) -> None:
    settlement = paid(gateway)
    parties.registry.dead = True
    assert gateway.note_receipt(settlement) == Noted()


def test_an_entry_that_the_registry_denies_is_told_and_logged(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, logger="clearline.gateway")
    never = UUID(int=paid(gateway).int ^ 1)
    assert gateway.note_receipt(never).to_answer() == {
        "receipt": None,
        "receipt_pending": False,
        "receipt_refused": "not-found",
    }
    assert f"entry={never} code=not-found" in caplog.text


def test_a_receipt_for_another_leaf_than_the_promised_one_is_refused(
    gateway: Gateway, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settlement = paid(gateway)
    integrate_all(world, tmp_path)
    monkeypatch.setattr("registry.usecases.log.read_receipt.leaf_of", lambda entry: bytes(32))
    assert gateway.note_receipt(settlement).refused == "leaf-differs"
    assert receipts_in(tmp_path) == {f"{settlement}.promise"}


def test_the_first_promise_stays_and_the_registry_is_held_to_it(gateway: Gateway, world: World, tmp_path: Path) -> None:
    settlement = paid(gateway)
    with pytest.MonkeyPatch.context() as elsewhere:
        elsewhere.setattr("registry.usecases.log.read_receipt.leaf_of", lambda entry: bytes(32))
        assert gateway.note_receipt(settlement).to_answer()["receipt_pending"]
    kept = gateway.receipts.path(settlement, Grade.PROMISE)
    first = kept.read_bytes()
    integrate_all(world, tmp_path)
    assert gateway.note_receipt(settlement).refused == "leaf-differs"
    assert kept.read_bytes() == first


def test_a_kept_promise_that_was_changed_is_refused(gateway: Gateway, world: World, tmp_path: Path) -> None:
    settlement = paid(gateway)
    gateway.receipts.promise(settlement)
    gateway.receipts.path(settlement, Grade.PROMISE).write_bytes(b"a.b.c")
    integrate_all(world, tmp_path)
    assert gateway.note_receipt(settlement).refused == "promise-malformed"


def test_a_kept_receipt_that_was_changed_is_refused(gateway: Gateway, world: World, tmp_path: Path) -> None:
    settlement = paid(gateway)
    integrate_all(world, tmp_path)
    path = gateway.note_receipt(settlement).path
    assert path is not None
    opening_beside(path).write_bytes(opening_beside(path).read_bytes().replace(b"carrier-a", b"carrier-b"))
    assert gateway.note_receipt(settlement).refused == "proof-invalid"
    opening_beside(path).unlink()
    with pytest.raises(LogRefused, match="receipt-missing"):
        gateway.receipts.verified(settlement, Grade.INTEGRATED)


def test_a_folder_that_cannot_be_written_undoes_no_settlement(gateway: Gateway, world: World, tmp_path: Path) -> None:
    settlement = paid(gateway)
    integrate_all(world, tmp_path)
    (tmp_path / "carrier-a" / "log-state").write_text("in the way")
    assert gateway.note_receipt(settlement) == Noted(refused="not-kept")


def test_a_gateway_without_a_pinned_log_says_nothing_of_receipts(parties: Parties) -> None:
    with parties.gateway() as here:
        assert here.note_receipt(UUID(int=1)) is None


@contextmanager
def under_another_name(world: World, parties: Parties) -> Iterator[Gateway]:
    """The registry's log began anew under another name, which its operator has told this carrier."""
    renamed = LogIdentity(name="registry.test/log-2", public_key=world.registry.log.public_key)
    object.__setattr__(world.registry, "log", renamed)
    settings = parties.settings_with_log()
    assert settings.log is not None
    told = replace(settings, log=replace(settings.log, name=renamed.name))
    with build(told, transports=parties.lines, clock=parties.clock) as here:
        yield here


def test_a_log_of_another_name_gives_another_promise_and_the_first_one_stays(
    gateway: Gateway, world: World, parties: Parties, tmp_path: Path
) -> None:
    settlement = paid(gateway)
    path = gateway.receipts.path(settlement, Grade.PROMISE)
    gateway.receipts.promise(settlement)
    first = path.read_bytes()
    with under_another_name(world, parties) as here:
        integrate_all(world, tmp_path)
        assert gateway.note_receipt(settlement).refused == "log-renamed"
        path.rename(tmp_path / "first")  # a gateway that has no promise yet, and was not told the new name either
        with pytest.raises(LogRefused, match=r"log-renamed: .*pin them \(\[log\]"):
            gateway.receipts.promise(settlement)
        (tmp_path / "first").rename(path)
        assert here.note_receipt(settlement).path.exists()
        assert here.receipts.promise(settlement)["log"].startswith("registry.test/log-2/")
    [aside] = path.parent.glob(f"{path.name}.*")
    assert aside.read_bytes() == first


def test_a_receipt_of_the_log_of_before_stays_beside_the_new_one(
    gateway: Gateway, world: World, parties: Parties, tmp_path: Path
) -> None:
    settlement = paid(gateway)
    integrate_all(world, tmp_path)
    path = gateway.note_receipt(settlement).path
    assert path is not None
    before, opening = path.read_bytes(), opening_beside(path).read_bytes()
    with under_another_name(world, parties) as here:
        assert begin_log(
            world.registry, world.clock.now.year, LogSigner(tmp_path / "log.pem", world.registry.log.public_key)
        )
        (tmp_path / "anew").mkdir()
        integrate_all(world, tmp_path / "anew")
        assert here.note_receipt(settlement).path == path
    assert b"registry.test/log-2/" in path.read_bytes()
    [aside] = path.parent.glob(f"{path.name}.????????????????")
    assert (aside.read_bytes(), opening_beside(aside).read_bytes()) == (before, opening)


def test_a_log_of_another_name_is_held_to_the_leaf_of_the_first_promise(
    gateway: Gateway, world: World, parties: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    settlement = paid(gateway)
    gateway.receipts.promise(settlement)
    path = gateway.receipts.path(settlement, Grade.PROMISE)
    first = path.read_bytes()
    monkeypatch.setattr("registry.usecases.log.read_receipt.leaf_of", lambda entry: bytes(32))
    with under_another_name(world, parties) as here:
        assert here.note_receipt(settlement).refused == "leaf-differs"
    assert path.read_bytes() == first


def test_while_the_log_refuses_the_database_a_receipt_is_pending_and_nobody_waits(
    gateway: Gateway, world: World, tmp_path: Path
) -> None:
    settlement = paid(gateway)
    now = world.clock()
    world.registry.store.write(lambda tx: tx.restores.refuse(now.year, "database-behind", now))
    begun = time.monotonic()
    assert gateway.note_receipt(settlement).to_answer() == {"receipt": None, "receipt_pending": True}
    assert time.monotonic() - begun < 1.5
    world.registry.store.write(lambda tx: tx.restores.accept(now.year))
    integrate_all(world, tmp_path)
    assert gateway.note_receipt(settlement).path is not None


def test_an_entry_that_a_restore_lost_is_told_from_one_that_the_registry_denies(
    gateway: Gateway, world: World, tmp_path: Path
) -> None:
    copy = backup(tmp_path)
    settlement = paid(gateway)
    gateway.receipts.promise(settlement)
    restore(world, tmp_path, copy, number=None)
    assert gateway.note_receipt(settlement).refused == "not-found"
    restore(world, tmp_path, copy)
    with pytest.raises(LogRefused, match=r"lost-in-restore: .*send again what it was about"):
        gateway.receipts.keep(settlement, wait_seconds=0)
    # What it promised since is of this incarnation: nothing explains that it denies it.
    again = paid(gateway)
    assert gateway.receipts.promise(again)["incarnation"] == 2
    restore(world, tmp_path, copy)
    assert gateway.note_receipt(again).refused == "not-found"


def settlement_body() -> dict[str, Any]:
    return {
        "document": {"kind": "RESIDENT_ID", "number": resident(1)},
        "account": "OWED",
        "kind": "FULL",
        "amount_fen": 240_00,
    }


def test_the_local_service_names_the_receipt(gateway: Gateway, world: World, tmp_path: Path) -> None:
    with (
        integrating(world, tmp_path),
        a_client(gateway, tmp_path / "local-tokens.json") as service,
    ):
        answer = service.post("/settlements", json=settlement_body(), base_url=HERE)
    assert (answer.status_code, answer.json["state"], answer.json["receipt_pending"]) == (201, "CLEARED", False)
    assert Path(answer.json["receipt"]).name == f"{answer.json['settlement_id']}.tlog-proof"


def test_the_local_service_answers_as_before_where_no_log_is_pinned(
    gateway: Gateway, parties: Parties, tmp_path: Path
) -> None:
    with (
        parties.gateway() as plain,
        a_client(plain, tmp_path / "local-tokens.json") as service,
    ):
        answer = service.post("/settlements", json=settlement_body(), base_url=HERE)
    assert answer.status_code == 201
    assert not {name for name in answer.json if name.startswith("receipt")}


@pytest.fixture
def settle(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[[], tuple[int, dict[str, Any], str]]:
    """`clearline gateway settle` on this gateway: exit code, what it printed, what it said."""
    monkeypatch.setattr("gateway.settings.load", lambda config: None)
    monkeypatch.setattr("cli.gateway.settlements.build", lambda loaded: gateway)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(settlement_body()).encode())))
    config = tmp_path / "gateway.toml"
    config.touch()

    def run() -> tuple[int, dict[str, Any], str]:
        with pytest.raises(SystemExit) as end:
            main(["gateway", "settle", "--json", "--config", str(config)])
        out, err = capsys.readouterr()
        return int(end.value.code or 0), json.loads(out), err

    return run


def test_the_command_names_the_receipt(
    settle: Callable[[], tuple[int, dict[str, Any], str]], world: World, tmp_path: Path
) -> None:
    with integrating(world, tmp_path):
        code, told, _ = settle()
    assert (code, told["state"], told["receipt_pending"]) == (0, "CLEARED", False)
    assert Path(told["receipt"]).exists()


def test_the_command_ends_well_while_the_receipt_is_pending(
    settle: Callable[[], tuple[int, dict[str, Any], str]],
) -> None:
    code, told, _ = settle()
    assert (code, told["receipt"], told["receipt_pending"]) == (0, None, True)


def test_the_command_says_that_it_is_settled_when_the_receipt_does_not_hold(
    settle: Callable[[], tuple[int, dict[str, Any], str]], world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.usecases.log.read_receipt.leaf_of", lambda entry: bytes(32))
    with integrating(world, tmp_path):
        code, told, err = settle()
    assert (code, told["state"], told["receipt_refused"]) == (1, "CLEARED", "leaf-differs")
    assert err == "clearline: settled, but without a receipt that holds: leaf-differs\n"


def test_receipts_that_cannot_be_kept_are_an_alarm(gateway: Gateway, tmp_path: Path) -> None:
    assert gateway.alarms() == ()
    folder = tmp_path / "carrier-a" / "log-state" / "receipts"
    assert receipts_in(tmp_path) <= {"lock"}
    for each in folder.iterdir():
        each.unlink()
    folder.rmdir()
    folder.write_bytes(b"in the way")
    assert gateway.alarms() == ("receipts-unwritable",)
