"""The folder for what tests write: the one that was named, or one in which they can write."""

import os
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "test-folder"


def folder(**environ: str) -> str:
    given = {name: value for name, value in os.environ.items() if name != "TMPDIR"} | environ
    return subprocess.run([SCRIPT], env=given, capture_output=True, text=True, check=True).stdout.strip()


def test_a_named_folder_is_kept(tmp_path: Path) -> None:
    assert folder(TMPDIR=str(tmp_path)) == str(tmp_path)


def test_otherwise_it_is_one_in_which_tests_can_write() -> None:
    assert os.access(folder(), os.W_OK)
