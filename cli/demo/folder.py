"""Makes, locks and empties the demonstration's own folder, and refuses any other."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cli.outcome import Failure
from serving.files import append_to, make_folder

MARKER: Final = ".clearline-demo"
_WHAT: Final = b"Made by `clearline demo`, which empties this folder at its next start.\n"


@contextmanager
def own_folder(var: Path, *, keep: bool) -> Iterator[None]:
    """Lock ``var`` for one demonstration; empty it first unless ``keep``. Raises Failure if it is not ours."""
    marker = var / MARKER
    if var.is_symlink() or (var.exists() and not var.is_dir()):
        raise Failure(f"{var}: is not a folder")
    if var.is_dir() and any(var.iterdir()) and not marker.is_file():
        raise Failure(f"{var}: was not made by `clearline demo`, so it is not emptied; choose another --var")
    make_folder(var)
    with append_to(marker) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure(f"{var}: another demonstration is running there; stop it or choose another --var") from None
        if marker.stat().st_size == 0:
            file.write(_WHAT)
            file.flush()
        if not keep:
            _empty(var)
        yield


def _empty(var: Path) -> None:
    for each in var.iterdir():
        if each.name == MARKER:
            continue
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()
