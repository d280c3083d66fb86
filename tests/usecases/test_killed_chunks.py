"""A registry that is killed in the middle of a chunk of reports loses no row and lists none twice."""

import json
import signal
import time

from protocol.log_entries import EntryKind
from protocol.problems import Problem, Refusal
from protocol.states import RecordState
from registry.usecases.records.report import report_chunk
from tests.support.mass import logged
from tests.support.world import World
from tests.usecases.chunk_killing import ROWS, chunk_of
from tests.usecases.log.killing import killer

PATIENCE = 100


def sends_again(world: World, number: int) -> bytes:
    """Send the chunk again; the database may take a moment to notice that the other process has died."""
    for _ in range(PATIENCE):
        try:
            return report_chunk(world.registry, world.actor("carrier-a"), chunk_of(number))
        except Refusal as refusal:
            if refusal.problem is not Problem.IN_FLIGHT:
                raise
            time.sleep(0.05)
    raise AssertionError("the dead process still holds the batch")


def listed(world: World) -> int:
    return world.registry.store.read(lambda tx: tx.records.count_by_state()).get(RecordState.ACTIVE, 0)


def test_killed_at_every_step_a_chunk_is_whole_or_not_there(world: World, founded_url: str) -> None:
    with killer("tests.usecases.chunk_killing", founded_url, world.registry.keys.peppers[1]) as killed:
        whole = killed(0, 0)
        assert (whole["signal"], whole["rows"], listed(world)) == (0, ROWS, ROWS)
        committed = 0
        for step in range(1, whole["step"] + 1):
            before = listed(world)
            died = killed(step, step)
            assert (died["signal"], died["step"]) == (signal.SIGKILL, step)
            # The whole chunk was listed before the kill, or nothing of it; the sender's retry finds out which.
            assert listed(world) - before == (ROWS if died["name"] == "after COMMIT" else 0)
            verdicts = [json.loads(line) for line in sends_again(world, step).splitlines()]
            assert {each["verdict"] for each in verdicts} == {"ACTIVE"}
            assert (len(verdicts), listed(world) - before) == (ROWS, ROWS)
            committed += died["name"] == "after COMMIT"
    assert committed == 1
    assert len(logged(world, EntryKind.REPORT_LISTED)) == listed(world) == ROWS * (whole["step"] + 1)
