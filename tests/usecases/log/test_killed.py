"""Killed before and after every statement, COMMIT, fsync and rename, the integrator loses nothing and forks nothing."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crypto.tlog.checkpoint import Checkpoint
from tests.support.log_entries import (
    YEAR,
    acknowledged,
    all_is_integrated_once,
    an_integrator,
    integrated,
    one_history,
    published,
    remembered,
)
from tests.support.root import ROOT
from tests.support.world import World

TILE = 256
"""Entries of each round: every round fills one tile and leaves another partial, so all rounds have the same steps."""


class Killer:
    """Asks the template process for children that die."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def round(self, last: int) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{last}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@contextmanager
def killer(world: World, url: str, folder: Path) -> Iterator[Killer]:
    command = [sys.executable, "-m", "tests.usecases.log.killing", url, str(folder), world.registry.log.name]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="ascii"
    ) as process:
        yield Killer(process)


def test_killed_at_every_step_it_loses_nothing_and_forks_nothing(
    world: World, founded_url: str, tmp_path: Path
) -> None:
    integrator = an_integrator(world, tmp_path)
    entries = acknowledged(world.registry, TILE + 10)
    assert integrator.round().faults == ()
    seen: list[Checkpoint | None] = [published(world.registry)]
    names: list[str] = []
    with killer(world, founded_url, tmp_path) as children:
        entries += acknowledged(world.registry, TILE)
        whole = children.round(0)
        assert (whole["signal"], whole["exit"], whole["integrated"]) == (0, 0, TILE)
        for step in range(1, whole["step"] + 1):
            fresh = acknowledged(world.registry, TILE)
            entries += fresh
            died = children.round(step)
            assert (died["signal"], died["step"]) == (signal.SIGKILL, step)
            names.append(died["name"])
            # What a reader may have seen and what the folder remembers count, wherever it died.
            seen += [published(world.registry), remembered(world.registry, tmp_path)]
            assert seen[-1].size >= seen[-2].size
            assert integrator.round().faults == ()
            seen.append(published(world.registry))
            assert seen[-1] == remembered(world.registry, tmp_path)
            newest = world.registry.store.read(lambda tx, at=seen[-1].size: tx.trees.leaves(YEAR, at - TILE, at + 1))
            assert {each for each, _ in newest} == {each.entry_id.bytes for each in fresh}
            assert world.registry.store.read(lambda tx: tx.pending.count()) == 0
        assert len(names) == whole["step"]
    # Each kind of step was among them, on both sides.
    for kind in (
        "DELETE FROM log_pending",
        "INSERT INTO log_leaf",
        "INSERT INTO log_tile",
        "UPDATE log_head",
        "COMMIT",
    ):
        assert any(each.startswith(f"before {kind}") for each in names), kind
        assert any(each.startswith(f"after {kind}") for each in names), kind
    assert [each for each in names if "fsync" in each or "rename" in each] == [
        "before fsync",
        "after fsync",
        "before rename",
        "after rename",
        "before fsync",
        "after fsync",
    ]
    all_is_integrated_once(world.registry, entries)
    assert len(integrated(world.registry)) >= len(entries)
    one_history(world.registry, dict.fromkeys(each for each in seen if each is not None))
