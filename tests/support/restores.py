"""A registry's SQLite file put back to a backup under the feet of its clients, and declared by its next incarnation."""

import sqlite3
from contextlib import closing
from pathlib import Path

from registry.usecases.restores.declare_restore import declare_restore
from registry.usecases.watch import Watch
from tests.support.world import World


def backup(folder: Path) -> Path:
    """A copy of ``registry.db`` in ``folder``, as it is now."""
    _copy(folder / "registry.db", folder / "backup.db")
    return folder / "backup.db"


def restore(world: World, folder: Path, copy: Path, *, number: int | None = 2) -> None:
    """Put ``registry.db`` back to a copy and declare it under a number; None: nobody declares anything."""
    _copy(copy, folder / "registry.db")
    if number is not None:
        declare_restore(world.registry, number, {})
    look_again(world)


def declare(world: World, number: int) -> None:
    """Begin an incarnation, as after a restore that lost nothing."""
    declare_restore(world.registry, number, {})
    look_again(world)


def look_again(world: World) -> None:
    """Let the registry see at once what it would see within a second."""
    object.__setattr__(world.registry, "watch", Watch())


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as given, closing(sqlite3.connect(target)) as taken:
        given.backup(taken)
