"""A restored database goes on under the next incarnation, and nothing of before is taken for something of now."""

import json
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from crypto.signing.keys import generate_signing_key, public_bytes
from crypto.tlog.checkpoint import Checkpoint, sign_checkpoint
from protocol.codes import Role
from protocol.encodings import b64url_decode, b64url_encode
from protocol.incarnation import cursor_of, read_cursor, read_incarnation
from protocol.log_entries import EntryKind
from protocol.messages.webhooks import NewWebhook
from protocol.problems import Problem, Refusal
from protocol.receipts import Grade
from protocol.wire.codec import write
from registry.domain.log_faults import HeadFileRefused
from registry.policy.delivery import DeliveryRules
from registry.store.engines import Engines
from registry.store.transactions import Store
from registry.usecases.events.deliver import take_delivery
from registry.usecases.events.read import read_events
from registry.usecases.log.begin_log import begin_log
from registry.usecases.log.read_log import read_log
from registry.usecases.log.read_receipt import Patience, read_receipt
from registry.usecases.participants.webhooks import admit_webhook
from registry.usecases.restores.check_restore import check_restore
from registry.usecases.restores.declare_restore import declare_restore, is_declared_since_the_loss, next_incarnation
from registry.usecases.restores.evidence import read_evidence
from registry.usecases.restores.standing import look, standing
from registry.usecases.watch import Watch
from registry.work.heads import LogHeads
from registry.work.outside import IncarnationFile, look_outside
from tests.support.builders import NOW, a_report, tokens
from tests.support.events import withdraws
from tests.support.log_entries import YEAR, acknowledged, an_integrator, published, signer
from tests.support.stories import asks, lists
from tests.support.world import World, found_world

RULES = DeliveryRules(batch=10, attempts=3)


@dataclass
class Machine:
    """A registry on SQLite with its folder beside, whose database a test can put back."""

    world: World
    folder: Path
    path: Path
    time: float = 0.0
    kept: list[Path] = field(default_factory=list)

    def heads(self) -> LogHeads:
        return LogHeads(self.folder / "log-heads", self.world.registry.log)

    @property
    def file(self) -> IncarnationFile:
        return IncarnationFile(self.folder / "incarnation")

    def watch(self) -> Watch:
        """What a process has that was started now."""
        return Watch(
            lambda: look_outside(self.file, self.heads()),
            self.file.raise_to,
            self.file.turn,
            monotonic=lambda: self.time,
        )

    def back_up(self) -> Path:
        to = self.folder / f"backup-{len(self.kept)}.db"
        with sqlite3.connect(self.path) as live, sqlite3.connect(to) as backup:
            live.backup(backup)
        self.kept.append(to)
        return to

    def restore(self, backup: Path) -> None:
        """Put a backup in the place of the database and start the processes again."""
        with sqlite3.connect(backup) as kept, sqlite3.connect(self.path) as live:
            kept.backup(live)
        self.world.registry = replace(self.world.registry, watch=self.watch())

    def rounds(self) -> tuple[str, ...]:
        return an_integrator(self.world, self.folder).round().faults

    def number(self) -> int:
        self.time += 10
        return standing(self.world.registry).incarnation


@pytest.fixture
def machine(sqlite_url: str, open_engines: Callable[[str], Engines], tmp_path: Path) -> Machine:
    """A registry that has published heads, and a backup of before the last of them."""
    world = found_world(Store(open_engines(sqlite_url)))
    here = Machine(world, tmp_path, Path(sqlite_url.removeprefix("sqlite:///")))
    world.registry = replace(world.registry, watch=here.watch())
    assert here.rounds() == ()
    return here


def reading(machine: Machine, who: str, after: int) -> dict[str, Any]:
    return write(read_events(machine.world.registry, machine.world.actor(who), after, 100))


def refused(call: Callable[[], object]) -> tuple[Problem, dict[str, Any]]:
    with pytest.raises(Refusal) as refusal:
        call()
    return refusal.value.problem, dict(refusal.value.figures)


def promise(machine: Machine, entry_id: UUID, grade: Grade = Grade.PROMISE) -> bytes:
    world = machine.world
    auditor = world.actor("carrier-c", Role.AUDITOR)
    return read_receipt(world.registry, auditor, YEAR, entry_id, grade=grade, patience=Patience(seconds=0))


def test_a_restored_database_that_nobody_declared_goes_on_under_the_next_incarnation(machine: Machine) -> None:
    backup = machine.back_up()
    assert (machine.number(), machine.file.read()) == (1, 1)
    acknowledged(machine.world.registry, 2)
    assert machine.rounds() == ()
    machine.restore(backup)
    assert look(machine.world.registry).undeclared == "database-behind"
    assert (machine.number(), machine.file.read()) == (2, 2)
    # Once is enough: these heads are known from now on, whoever looks and however often.
    machine.world.registry = replace(machine.world.registry, watch=machine.watch())
    assert (machine.number(), machine.rounds()) == (2, ("database-behind",))


def test_processes_that_notice_at_once_declare_a_restore_once(machine: Machine) -> None:
    backup = machine.back_up()
    acknowledged(machine.world.registry, 2)
    machine.rounds()
    machine.restore(backup)
    processes = [replace(machine.world.registry, watch=machine.watch()) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert [each.incarnation for each in pool.map(standing, processes)] == [2] * 4
    assert machine.file.read() == 2


def test_a_restore_that_cannot_be_remembered_outside_admits_nobody(machine: Machine) -> None:
    backup = machine.back_up()
    acknowledged(machine.world.registry, 2)
    machine.rounds()
    machine.restore(backup)
    (machine.folder / "incarnation").write_text("damaged")
    assert refused(lambda: standing(machine.world.registry))[0] is Problem.UNAVAILABLE
    assert look(machine.world.registry).undeclared == "database-behind"


def test_a_number_exceeds_every_earlier_one_even_when_the_restored_database_has_an_older_one(machine: Machine) -> None:
    backup = machine.back_up()
    acknowledged(machine.world.registry, 2)
    machine.rounds()
    newest = machine.back_up()
    numbers = [machine.number()]
    for each in (backup, backup, newest, backup):
        machine.restore(each)
        numbers.append(machine.number())
    # The newest database is as good as the heads, and lacks what was acknowledged on the others in between.
    assert numbers == [1, 2, 3, 4, 5]


def test_the_declaration_of_a_restore_is_an_entry_of_the_log(machine: Machine) -> None:
    registry = machine.world.registry
    heads = machine.heads().believed()
    done = declare_restore(registry, next_incarnation(registry, 6), heads)
    assert (done.number, done.before) == (7, 1)
    newest = registry.store.read(lambda tx: tx.restores.newest())
    entry = registry.store.read(lambda tx: tx.openings.find(newest.log_entry_id))
    facts = json.loads(entry.core)
    assert (facts["kind"], facts["by"]) == (EntryKind.REGISTRY_RESTORED, "registry")
    assert facts["facts"] == {"incarnation": 7, "before": 1}
    assert is_declared_since_the_loss(registry)
    assert machine.rounds() == ()
    assert not is_declared_since_the_loss(registry)
    assert refused(lambda: declare_restore(registry, 7, heads))[0] is Problem.ALREADY_EXISTS


def test_while_a_log_refuses_its_database_no_promise_is_signed_and_the_refusal_says_why(machine: Machine) -> None:
    world = machine.world
    first = world.registry.store.read(lambda tx: tx.openings.first(1))[0].entry_id
    backup = machine.back_up()
    acknowledged(world.registry, 2)
    machine.rounds()
    machine.restore(backup)
    machine.number()
    late = lists(world, "carrier-a", a_report("wang")).record_id
    assert late is not None
    entry = acknowledged(world.registry, 1)[0].entry_id
    for grade in (Grade.PROMISE, Grade.INTEGRATED):
        assert refused(lambda grade=grade: promise(machine, entry, grade))[0] is Problem.LOG_REFUSED
    decided = asks(world, "carrier-b", tokens("li")).decision_token.split(".")[1]
    assert not {"log", "leaf"} & json.loads(b64url_decode(decided)).keys()
    # What the old head proves, it goes on proving.
    assert promise(machine, first, Grade.INTEGRATED).startswith(b"c2sp.org/tlog-proof@v1")
    assert read_log(world.registry).trees[0].refused == "database-behind"


def test_another_process_learns_from_the_database_that_the_log_refuses_it(machine: Machine) -> None:
    world = machine.world
    backup = machine.back_up()
    acknowledged(world.registry, 2)
    machine.rounds()
    machine.restore(backup)
    assert machine.rounds() == ("database-behind",)
    elsewhere = replace(world.registry, watch=Watch())
    assert dict(look(elsewhere).refused) == {YEAR: "database-behind"}


def test_entries_between_a_restore_and_the_new_log_are_promised_and_proved_under_the_new_name(
    machine: Machine,
) -> None:
    world = machine.world
    backup = machine.back_up()
    acknowledged(world.registry, 2)
    machine.rounds()
    machine.restore(backup)
    machine.number()
    between = acknowledged(world.registry, 1)[0].entry_id
    assert machine.rounds() == ("database-behind",)
    (machine.folder / "log-heads").rename(machine.folder / "old-heads")
    world.registry = replace(world.registry, log=replace(world.registry.log, name="registry.test/log-2"))
    world.registry = replace(world.registry, watch=machine.watch())
    assert begin_log(world.registry, YEAR, signer(world, machine.folder))
    assert machine.rounds() == ()
    assert (machine.number(), dict(look(world.registry).refused)) == (2, {})
    assert promise(machine, between)
    decided = asks(world, "carrier-b", tokens("li")).decision_token.split(".")[1]
    claims = json.loads(b64url_decode(decided))
    assert (claims["log"], claims["incarnation"]) == (f"registry.test/log-2/{YEAR}", 2)
    assert b"registry.test/log-2" in promise(machine, between, Grade.INTEGRATED)


def test_a_cursor_from_before_reads_from_the_restored_beginning_and_is_told_so(machine: Machine) -> None:
    world = machine.world
    record = lists(world, "carrier-a", a_report("wang")).record_id
    asks(world, "carrier-b", tokens("wang"))
    backup = machine.back_up()
    withdraws(world, "carrier-a", record)
    before = reading(machine, "carrier-b", 0)
    assert (before["next"], before["incarnation"]) == (1, 1)
    acknowledged(world.registry, 1)
    machine.rounds()
    machine.restore(backup)
    # Another act takes the place that the lost one had.
    withdraws(world, "carrier-a", record)
    machine.number()
    after = reading(machine, "carrier-b", before["next"])
    assert after["oldest"] > before["next"] + 1
    assert [read_cursor(each["position"]) for each in after["events"]] == [(2, 1)]
    assert reading(machine, "carrier-b", after["next"])["events"] == []
    for cursor in (cursor_of(3, 1), cursor_of(2, 9)):
        assert refused(lambda cursor=cursor: reading(machine, "carrier-b", cursor)) == (
            Problem.INCARNATION_DIFFERS,
            {"incarnation": 2},
        )


def test_a_page_of_a_restored_registry_has_another_key_than_the_page_of_before(machine: Machine) -> None:
    world = machine.world
    operator = world.actor("operator", Role.OPERATOR)
    record = lists(world, "carrier-a", a_report("wang")).record_id
    asks(world, "carrier-b", tokens("wang"))
    url = "https://events.test/"
    admit_webhook(world.registry, operator, world.call(), participant_id="carrier-b", new=NewWebhook(url=url))
    machine.rounds()
    backup = machine.back_up()
    keys = []
    for _ in range(2):
        withdraws(world, "carrier-a", record)
        acknowledged(world.registry, 1)
        machine.rounds()
        reading(machine, "carrier-b", 0)
        page = take_delivery(world.registry, "carrier-b", RULES)
        assert page is not None
        assert json.loads(page.body)["incarnation"] == machine.number()
        keys.append((page.key, page.last))
        machine.restore(backup)
        machine.number()
    assert keys[0] == ("events.carrier-b.1.1-1", 1)
    assert keys[1] == (f"events.carrier-b.2.{cursor_of(2, 1)}-{cursor_of(2, 1)}", 1)
    place = NewWebhook(url=url, after=1)
    found = refused(
        lambda: admit_webhook(world.registry, operator, world.call(), participant_id="carrier-b", new=place)
    )
    assert found[0] is Problem.INCARNATION_DIFFERS


def test_a_restore_check_names_what_was_acknowledged_after_the_backup(machine: Machine) -> None:
    world = machine.world
    backup = machine.back_up()
    size = published(world.registry).size
    lost = acknowledged(world.registry, 2)
    promised = promise(machine, lost[1].entry_id)
    machine.rounds()
    proof = promise(machine, lost[0].entry_id, Grade.INTEGRATED)
    entry = world.registry.store.read(lambda tx: tx.openings.find(lost[0].entry_id))
    opening = json.dumps({"core": entry.core.decode(), "core_salt": b64url_encode(entry.core_salt)}).encode()
    head = machine.heads().believed()[YEAR]
    machine.restore(backup)
    seen = [
        read_evidence(world.registry, head, None),
        read_evidence(world.registry, proof, opening),
        read_evidence(world.registry, promised, None),
    ]
    found = check_restore(world.registry, seen)
    [tree] = found.trees
    assert (tree.size, tree.seen_size, tree.lost, tree.fault) == (size, size + 2, 2, "database-behind")
    assert {each.entry_id for each in found.lost} == {each.entry_id for each in lost}
    assert {each.kind for each in found.lost} == {"participant.added", None}
    assert found.newest is not None
    assert found.newest <= NOW.replace(hour=23)
    assert {each.participant_id for each in found.participants} == {"operator", "carrier-a", "carrier-b", "carrier-c"}


def test_what_another_registry_signed_is_no_evidence(machine: Machine) -> None:
    registry = machine.world.registry
    other = generate_signing_key(lambda count: bytes(range(count)))
    head = machine.heads().believed()[YEAR]
    for name in ("other.test/log", registry.log.name):
        origin = f"{name}/{YEAR}"
        note = sign_checkpoint(Checkpoint(origin=origin, size=9, root=bytes(32)), name=origin, private_key=other)
        with pytest.raises(HeadFileRefused) as found:
            read_evidence(registry, note.encode(), None)
        assert found.value.code == "heads-foreign"
    stranger = replace(registry, keys=replace(registry.keys, signing_key=other))
    waiting = acknowledged(registry, 1)[0].entry_id
    with pytest.raises(HeadFileRefused) as found:
        read_evidence(stranger, promise(machine, waiting), None)
    assert found.value.code == "heads-foreign"
    for raw in (b"", b"nothing", head[:40], b"ey", b"c2sp.org/tlog-proof@v1\nindex 1\n\n"):
        with pytest.raises(HeadFileRefused) as found:
            read_evidence(registry, raw, None)
        assert found.value.code in ("evidence-malformed", "heads-foreign")
    assert public_bytes(other) != registry.log.public_key


def test_a_damaged_file_of_the_incarnation_is_told_and_never_guessed(machine: Machine) -> None:
    for text in ("0\n", "01\n", "9999\n", "x", ""):
        (machine.folder / "incarnation").write_text(text)
        with pytest.raises(HeadFileRefused):
            machine.file.read()
    machine.time += 10
    assert machine.rounds() == ("incarnation-malformed",)
    with pytest.raises(ValueError, match="not an incarnation"):
        read_incarnation("8192")
