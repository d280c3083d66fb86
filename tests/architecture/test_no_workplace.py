"""The repository says nothing of the machine it was written on, and a lock file pins versions, not places."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.root import ROOT

NOT_OURS = {".git", ".venv", "var", "__pycache__", ".hypothesis", "build", "dist"}
SPELLED_IN_PIECES = (
    ("pypi", ".org"),
    ("python", "hosted"),
    ("npm", "js.org"),
    ("index", "-url"),
    ("find", "-links"),
    ("/work", "/main"),
    ("/work", "/shared"),
    ("..", "/shared"),
    ("/opt", "/pypi"),
    (" .", "library"),
    ("/.", "library"),
    ("/tm", "p/cl/"),
    ("CON", "TRACT.md"),
)
FORBIDDEN = tuple("".join(pieces) for pieces in SPELLED_IN_PIECES)
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))


def texts() -> Iterator[tuple[Path, str]]:
    """Every file of the checkout that is not made by a tool; bytes that are no text are passed over."""
    for path in sorted(ROOT.rglob("*")):
        inside = path.relative_to(ROOT)
        made = any(
            part in NOT_OURS or part.startswith(".coverage") or part.endswith(("_cache", ".egg-info", ".partial"))
            for part in inside.parts
        )
        if path.is_file() and not made:
            yield inside, path.read_text(encoding="utf-8", errors="ignore")


def named(text: str) -> list[str]:
    """The forbidden names that a text contains."""
    return [name for name in FORBIDDEN if name in text]


def places(lock: str) -> list[str]:
    """The lines of a lock file that are neither a pin nor a hash."""
    line = re.compile(r"(?P<pin>[a-z0-9][a-z0-9._-]*==[^\s:/]+(?: ; [^:/]+)? \\)|\s+--hash=sha256:[0-9a-f]{64}(?: \\)?")
    return [each for each in lock.splitlines() if not line.fullmatch(each)]


def test_no_file_names_the_place_it_was_written() -> None:
    assert {str(path): named(text) for path, text in texts() if named(text)} == {}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_file_that_names_the_workplace_is_found(name: str) -> None:
    assert named(f"see {name} for more") == [name]


def test_all_locks_are_there() -> None:
    assert [path.name for path in LOCKS] == ["analysis.lock", "dev.lock", "runtime.lock"]


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_a_lock_holds_versions_and_hashes_only(path: Path) -> None:
    assert places(path.read_text()) == []


@pytest.mark.parametrize(
    "line",
    [
        "--extra-" + "index" + "-url https://packages.example/simple",
        "click @ https://packages.example/click.whl \\",
        "click>=8 \\",
        "-e .",
    ],
)
def test_a_lock_that_names_a_place_is_found(line: str) -> None:
    assert places(line) == [line]
