"""Integrators that race each other while a third party writes: each entry has one place, and there is one history."""

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from registry.store.transactions import Store
from registry.work.integrator import Integrator
from tests.support.log_entries import (
    acknowledged,
    all_is_integrated_once,
    an_integrator,
    copied_heads,
    last_year,
    one_history,
    published,
    remembered,
)
from tests.support.root import ROOT
from tests.support.world import World, found_world


def test_two_processes_and_a_writer_make_one_history(world: World, founded_url: str, tmp_path: Path) -> None:
    assert an_integrator(world, tmp_path).round().faults == ()
    command = [sys.executable, "-m", "tests.usecases.log.racing", founded_url, str(tmp_path), world.registry.log.name]
    racers = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    assert [each.stdout.readline() for each in racers] == ["ready\n"] * 2
    entries, seen = [], []
    for turn in range(40):
        entries += acknowledged(world.registry, 7)
        entries += acknowledged(world.registry, 2, last_year(turn))
        seen.append(published(world.registry))
    told = [json.loads(each.communicate()[0]) for each in racers]
    assert [each.returncode for each in racers] == [0, 0]
    assert [each["faults"] for each in told] == [[], []]
    rest = an_integrator(world, tmp_path).round()
    assert rest.faults == ()
    assert sum(each["integrated"] for each in told) + rest.integrated == len(entries)
    all_is_integrated_once(world.registry, entries)
    sizes = [each.size for each in seen]
    assert sizes == sorted(sizes)
    one_history(world.registry, seen)


def test_two_machines_with_folders_of_their_own_make_one_history(postgres_store: Store, tmp_path: Path) -> None:
    world = found_world(postgres_store)
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    assert an_integrator(world, here).round().faults == ()
    copied_heads(here, there)
    stop = threading.Event()
    seen = []

    def race(integrator: Integrator) -> tuple[int, set[str]]:
        done, faults = 0, set()
        while not stop.is_set():
            each = integrator.round()
            done += each.integrated
            faults |= set(each.faults)
        return done, faults

    with ThreadPoolExecutor(2) as threads:
        racing = [threads.submit(race, an_integrator(world, folder, batch=10)) for folder in (here, there)]
        entries = []
        for _ in range(40):
            entries += acknowledged(world.registry, 5)
            seen.append(published(world.registry))
        stop.set()
        told = [each.result() for each in racing]
    assert [faults for _, faults in told] == [set(), set()]
    rest = 0
    for folder in (here, there):
        done = an_integrator(world, folder).round()
        assert done.faults == ()
        rest += done.integrated
    assert sum(done for done, _ in told) + rest == len(entries)
    all_is_integrated_once(world.registry, entries)
    one_history(world.registry, seen)
    assert remembered(world.registry, here) == remembered(world.registry, there) == published(world.registry)
