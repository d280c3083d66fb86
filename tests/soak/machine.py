"""A registry on one machine: its database can be backed up and put back, and its clocks go as the test lets them."""

import itertools
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import psycopg

from crypto.tlog.checkpoint import parse_signed_checkpoint
from registry.store.engines import Engines, make_engines
from registry.store.transactions import Store
from registry.usecases.context import LogIdentity
from registry.usecases.log.begin_log import begin_log, years_to_begin
from registry.usecases.log.check_log import check_tree
from registry.usecases.restores.standing import standing
from registry.usecases.watch import Watch
from registry.work.heads import LogHeads
from registry.work.integrator import Integrator, Round
from registry.work.outside import IncarnationFile, look_outside
from registry.work.signer import LogSigner
from tests.support.clocks import Clocks
from tests.support.log_rounds import integrator
from tests.support.world import World, found_world


class Database(Protocol):
    """Where a registry's rows are; nobody is connected while a copy is made or taken."""

    @property
    def url(self) -> str: ...

    def back_up(self) -> str: ...

    def put_back(self, backup: str) -> None: ...


@dataclass
class SqliteDatabase:
    """A file, copied as the runbook copies it."""

    path: Path
    _count: Any = field(default_factory=itertools.count)

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    def back_up(self) -> str:
        to = self.path.with_name(f"backup-{next(self._count)}.db")
        with closing(sqlite3.connect(self.path)) as live, closing(sqlite3.connect(to)) as backup:
            live.backup(backup)
        return str(to)

    def put_back(self, backup: str) -> None:
        # The three go together: what is left of an older file would be read as the newer one's.
        for ending in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + ending).unlink(missing_ok=True)
        shutil.copy(backup, self.path)


@dataclass
class PostgresDatabase:
    """A database of the test's server; a copy of it is another one."""

    server: Any
    name: str

    @property
    def url(self) -> str:
        return str(self.server.url(self.name))

    def back_up(self) -> str:
        return self._copy_of(self.name)

    def put_back(self, backup: str) -> None:
        self.name = self._copy_of(backup)

    def _copy_of(self, name: str) -> str:
        """A server copies a database to which nobody is connected; a session that was closed takes a moment to end."""
        for _ in range(100):
            try:
                return str(self.server.copy(name))
            except psycopg.errors.ObjectInUse:
                time.sleep(0.05)
        raise AssertionError(f"somebody is connected to {name}")


@dataclass
class Machine:
    """The registry, its database, and what stands beside the database and is never restored with it."""

    database: Database
    folder: Path
    world: World = field(init=False)
    clocks: Clocks = field(init=False)
    engines: Engines = field(init=False)
    log_number: int = 1
    _looked: float = 0.0

    def __post_init__(self) -> None:
        self.engines = make_engines(self.database.url)
        self.world = found_world(Store(self.engines))
        self.clocks = Clocks(world=self.world)
        self.engines.close()
        self._start()

    def close(self) -> None:
        self.engines.close()

    def back_up(self) -> str:
        self.engines.close()
        backup = self.database.back_up()
        self._start()
        return backup

    def restore(self, backup: str) -> int:
        """Put a backup in the database's place, declare it, and begin the log anew, as the runbook says."""
        self.engines.close()
        self.database.put_back(backup)
        self._start()
        # The published heads show that the database is an older one; the log of this name is over.
        incarnation = standing(self.world.registry).incarnation
        self.engines.close()
        self.log_number += 1
        self._start()
        self.integrator()  # writes the key's file
        sign = LogSigner(self.log_folder / "log.pem", self.world.registry.log.public_key)
        for year in years_to_begin(self.world.registry):
            begin_log(self.world.registry, year, sign)
        return incarnation

    def boot(self) -> None:
        """The machine starts again, and with it the registry's processes."""
        self.engines.close()
        self.clocks.boots += 1
        self.clocks.steady = 0.0
        self._start()

    def integrator(self) -> Integrator:
        return integrator(self.world, self.log_folder)

    def integrate(self) -> Round:
        return self.integrator().round()

    def faults_of_the_log(self) -> dict[str, int]:
        """What a check of each year's tree finds, by code."""
        registry = self.world.registry
        heads = registry.store.read(lambda tx: tx.trees.heads())
        remembered = LogHeads(self.log_folder / "log-heads", registry.log).peek()
        found: dict[str, int] = {}
        for head in heads:
            raw = remembered.get(head.shard)
            known = None if raw is None else parse_signed_checkpoint(raw).checkpoint
            found |= check_tree(registry, head.shard, known, lambda *_: None).faults
        return found

    @property
    def log_folder(self) -> Path:
        folder = self.folder / f"log-{self.log_number}"
        folder.mkdir(exist_ok=True)
        return folder

    def _start(self) -> None:
        self.engines = make_engines(self.database.url)
        log = LogIdentity(name=f"registry.test/log-{self.log_number}", public_key=self.world.registry.log.public_key)
        self.world.registry = replace(self.world.registry, store=Store(self.engines), log=log, watch=self._watch(log))
        self.clocks.process()

    def _watch(self, log: LogIdentity) -> Watch:
        file = IncarnationFile(self.folder / "incarnation")
        heads = LogHeads(self.log_folder / "log-heads", log)
        return Watch(lambda: look_outside(file, heads), file.raise_to, monotonic=self._monotonic)

    def _monotonic(self) -> float:
        """Each look is a new one: what is seen is not kept for a second of the test's."""
        self._looked += 10.0
        return self._looked


MakeMachine = Callable[[], Machine]
