"""A registry's SQLite file put back to a backup under the feet of its clients, and declared by its next incarnation."""

import sqlite3
from contextlib import closing
from pathlib import Path

from registry.usecases.standing import Watch
from tests.world import World


def backup(folder: Path) -> Path:
    """A copy of ``registry.db`` in ``folder``, as it is now."""
    _copy(folder / "registry.db", folder / "backup.db")
    return folder / "backup.db"


def restore(world: World, folder: Path, copy: Path, *, number: int | None = 2) -> None:
    """Put ``registry.db`` back to a copy and declare it under a number; None: nobody declares anything."""
    _copy(copy, folder / "registry.db")
    if number is not None:
        declare(folder, number)
    look_again(world)


def declare(folder: Path, number: int) -> None:
    """Raise the incarnation of ``registry.db``; an entry that is there stands for the one that tells of the restore."""
    with closing(sqlite3.connect(folder / "registry.db")) as database, database:
        database.execute(
            "INSERT INTO incarnation (number, began_at, heads, log_entry_id)"
            " SELECT ?, 0, CAST('{}' AS BLOB), entry_id FROM log_opening LIMIT 1",
            (number,),
        )


def look_again(world: World) -> None:
    """Let the registry see at once what it would see within a second."""
    object.__setattr__(world.registry, "watch", Watch())


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as given, closing(sqlite3.connect(target)) as taken:
        given.backup(taken)
