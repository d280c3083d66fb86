"""The pip that Debian 12 has takes each lock, and the runtime's is whole in an empty environment."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.root import ROOT

OLD_PIP = "pip==23.0.1"
"""Debian 12's: it does not apply a pin to a name with an extra (``coverage[toml]``)."""

pytestmark = pytest.mark.index


def pip(python: Path | str, *arguments: str, modules: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """Run pip; ``modules`` is the folder that holds another pip than the environment's own."""
    environment = {
        key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "PIP_REQUIRE_VIRTUALENV"}
    }
    if modules is not None:
        environment["PYTHONPATH"] = str(modules)
    command = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=900)


def pinned(lock: str) -> set[str]:
    """The packages of a lock, each with its pin and its hashes; comments are left out."""
    text = (ROOT / "requirements" / lock).read_text(encoding="ascii")
    lines = [each for each in text.splitlines() if each.strip() and not each.lstrip().startswith("#")]
    return set(re.split(r"\n(?=\S)", "\n".join(lines)))


@pytest.fixture(scope="session")
def old_pip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but the old pip."""
    folder = tmp_path_factory.mktemp("old-pip")
    found = pip(
        sys.executable,
        *("install", "--quiet", "--no-compile", "--retries", "1", "--timeout", "10", "--target", str(folder), OLD_PIP),
    )
    if found.returncode != 0 and os.environ.get("CI") != "true":
        pytest.skip(f"no package index answered, so that no lock was tried: {found.stderr.strip().splitlines()[-1]}")
    assert found.returncode == 0, f"no package index answered: {found.stderr}"
    return folder


def test_the_runtimes_lock_is_whole_and_the_others_can_be_taken(old_pip: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True, timeout=60)
    python = tmp_path / "venv" / "bin" / "python"
    version = pip(python, "--version", modules=old_pip)
    assert version.stdout.startswith("pip 23.0.1 ")
    # As scripts/setup and the Dockerfile do; nothing is compiled, which is most of the time and none of the question.
    how = ("install", "--quiet", "--no-compile", "--no-deps", "--require-hashes")
    installed = pip(python, *how, "-r", str(ROOT / "requirements" / "runtime.lock"), modules=old_pip)
    assert installed.returncode == 0, installed.stderr
    checked = pip(python, "check", modules=old_pip)
    assert (checked.returncode, checked.stdout) == (0, "No broken requirements found.\n")
    # `make setup` has installed and checked the largest lock with a pip of today; this one has to take its pins.
    # Statistics are a hundred megabytes of plain pins, which are those of analysis.lock: they are left out here.
    (tmp_path / "dev.lock").write_text("\n".join(pinned("dev.lock") - pinned("analysis.lock")), encoding="ascii")
    other = pip(python, *how, "--dry-run", "-r", str(tmp_path / "dev.lock"), modules=old_pip)
    assert other.returncode == 0, other.stderr
    assert pinned("analysis.lock") <= pinned("dev.lock")
