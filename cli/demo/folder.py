"""Makes, locks and empties a folder of one of the demonstrations, and keeps dealers inside such folders."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cli.outcome import Failure
from serving.files import append_to, make_folder, write_durably


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One of the kinds of folders: the file that marks it, and the command that makes it."""

    name: str
    marker: str
    command: str
    what: bytes


DEMONSTRATION: Final = Kind(
    name="demonstration",
    marker=".clearline-demo",
    command="clearline demo",
    what=b"Made by `clearline demo`, which empties this folder at its next start.\n",
)
SANDBOX: Final = Kind(
    name="sandbox",
    marker=".clearline-sandbox",
    command="clearline demo --sandbox",
    what=b"Made by `clearline demo --sandbox`. Its keys are nobody's, and worth nothing.\n",
)
CREDIT: Final = Kind(
    name="credit story",
    marker=".clearline-credit",
    command="clearline demo --credit",
    what=b"Made by `clearline demo --credit`, which empties this folder at its next start.\n",
)
DEALT: Final = Kind(
    name="dealing",
    marker=".clearline-dealt",
    command="clearline ceremony deal",
    what=b"A dealer made the shares in this folder and knew their key: for demonstrations and tests alone.\n",
)
_KINDS: Final = (DEMONSTRATION, SANDBOX, CREDIT)
MARKER: Final = DEMONSTRATION.marker


class Running(Failure):
    """Another process of the same kind holds the folder."""


@contextmanager
def own_folder(var: Path, *, keep: bool, kind: Kind = DEMONSTRATION) -> Iterator[None]:
    """Lock ``var`` for one process; empty it first unless ``keep``.

    Raises Failure if it is not ours or lies within one of the other kind, and Running if another process has it.
    """
    marker = var / kind.marker
    if var.is_symlink() or (var.exists() and not var.is_dir()):
        raise Failure(f"{var}: is not a folder")
    for other in _KINDS:
        if other is not kind and lies_in(var, other):
            raise Failure(f"{var}: lies in the folder of a {other.name}; the two do not mix: choose another --var")
    if var.is_dir() and any(var.iterdir()) and not marker.is_file():
        raise Failure(f"{var}: was not made by `{kind.command}`, so it is not emptied; choose another --var")
    make_folder(var)
    with append_to(marker) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Running(f"{var}: another {kind.name} is running there; stop it or choose another --var") from None
        if marker.stat().st_size == 0:
            file.write(kind.what)
            file.flush()
        if not keep:
            _empty(var, kind)
        yield


def lies_in(var: Path, kind: Kind) -> bool:
    """Tell whether a folder is one of a kind, or lies within one."""
    whole = var.resolve()
    return any((each / kind.marker).is_file() for each in (whole, *whole.parents))


def is_for_dealing(folder: Path) -> bool:
    """Tell whether a folder is a demonstration's or a dealing's, or lies within one: no real keys are there."""
    return any(lies_in(folder, kind) for kind in (*_KINDS, DEALT))


def claim_for_dealing(folder: Path) -> None:
    """Mark a new or empty folder as one of dealt shares; a demonstration's is marked already.

    Raises Failure for any other folder: it may hold somebody's real keys.
    """
    if is_for_dealing(folder):
        return
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise Failure(f"{folder}: is not a folder")
    if folder.is_dir() and any(folder.iterdir()):
        raise Failure(f"{folder}: is not empty; a dealer writes into a folder of its own, for a demonstration")
    make_folder(folder)
    write_durably(folder / DEALT.marker, DEALT.what)


def _empty(var: Path, kind: Kind) -> None:
    for each in var.iterdir():
        if each.name == kind.marker:
            continue
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()
