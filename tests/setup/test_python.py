"""The recipe that looks for a Python says what is missing, in one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.root import ROOT

NAMES = ("python3", "python3.11", "python3.12", "python3.13")
WORKING = f'exec "{sys.executable}" "$@"'
WITHOUT_VENV = f'PYTHONPATH="$(dirname "$0")/without" exec "{sys.executable}" "$@"'
"""Debian without python3-venv: the interpreter is there, ensurepip is not."""
BROKEN = "exit 127"


def find_python(folder: Path, script: str, asked: str = "") -> "subprocess.CompletedProcess[str]":
    """Run the recipe where each name of a Python is this script."""
    (folder / "without").mkdir()
    (folder / "without" / "ensurepip.py").write_text("raise ModuleNotFoundError(\"No module named 'ensurepip'\")\n")
    for name in NAMES:
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    environment = {"PATH": f"{folder}:{os.defpath}", "PYTHON": asked}
    command = [str(ROOT / "scripts" / "find-python")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_a_python_that_works_is_found(tmp_path: Path) -> None:
    found = find_python(tmp_path, WORKING)
    assert (found.returncode, found.stdout, found.stderr) == (0, "python3.13\n", "")


@pytest.mark.parametrize("asked", ["", "python3"])
def test_a_python_without_venv_is_told_with_the_package_that_brings_it(tmp_path: Path, asked: str) -> None:
    found = find_python(tmp_path, WITHOUT_VENV, asked)
    assert (found.returncode, found.stdout, found.stderr.count("\n")) == (1, "", 1)
    assert "has no venv module" in found.stderr
    assert "python3-venv" in found.stderr


def test_no_python_at_all_is_told(tmp_path: Path) -> None:
    found = find_python(tmp_path, BROKEN)
    assert (found.returncode, found.stdout, found.stderr.count("\n")) == (1, "", 1)
    assert "needs Python 3.11 or newer" in found.stderr
    assert "python3-venv" in found.stderr
