"""Check without a network that the lock files fit pyproject.toml; if not, exit 1 and name the cure.

The checks: a pin satisfies every declared requirement, every pin has hashes, the runtime lock is a part of the lock
with statistics, and that one of the development lock, no line names a place instead of a version, and the running
environment has the versions of the development lock.
"""

import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("runtime.lock", "analysis.lock", "dev.lock")
"""Each one repeats the pins of the one before it."""


def read_lock(path: Path) -> dict[str, tuple[Requirement, int]]:
    """Read each pinned name with its requirement and the number of its hashes."""
    pins: dict[str, tuple[Requirement, int]] = {}
    for entry in path.read_text().replace("\\\n", " ").splitlines():
        text, *hashes = entry.split("--hash=")
        if text.strip() and not text.startswith("#"):
            pin = Requirement(text.strip())
            pins[canonicalize_name(pin.name)] = (pin, len(hashes))
    return pins


def declared(extras: tuple[str, ...], groups: tuple[str, ...]) -> list[Requirement]:
    """List the requirements of pyproject.toml and build.in, with the given extras and dependency groups."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lines = [*project["project"]["dependencies"]]
    for extra in extras:
        lines += project["project"]["optional-dependencies"][extra]
    for group in groups:
        lines += project["dependency-groups"][group]
    build = (ROOT / "requirements" / "build.in").read_text().splitlines()
    lines += [line for line in build if line.strip() and not line.startswith("#")]
    return [Requirement(line) for line in lines]


def places() -> Iterator[str]:
    """Find lock files that name a place or an option, which pip would obey."""
    for lock in LOCKS:
        text = (ROOT / "requirements" / lock).read_text()
        if re.search(r"://|^\s*-(?!-hash)", text, re.MULTILINE):
            yield f"{lock}: names a place or an option, not only versions and hashes"


def faults_of(lock: str, *, extras: tuple[str, ...] = (), groups: tuple[str, ...] = ()) -> Iterator[str]:
    """List the faults of one lock file."""
    pins = read_lock(ROOT / "requirements" / lock)
    for wanted in declared(extras, groups):
        pin, _ = pins.get(canonicalize_name(wanted.name), (None, 0))
        if pin is None:
            yield f"{lock}: {wanted.name} is missing"
        elif not wanted.specifier.contains(next(iter(pin.specifier)).version):
            yield f"{lock}: {pin} does not satisfy {wanted}"
    yield from (f"{lock}: {name} has no hash" for name, (_, hashes) in pins.items() if not hashes)


def faults() -> Iterator[str]:
    """List the faults of the files together and of this environment."""
    yield from faults_of("runtime.lock")
    yield from faults_of("analysis.lock", extras=("analysis",))
    yield from faults_of("dev.lock", extras=("analysis",), groups=("dev",))
    locks = {lock: read_lock(ROOT / "requirements" / lock) for lock in LOCKS}
    for smaller, larger in pairwise(LOCKS):
        for name, (pin, _) in locks[smaller].items():
            if name not in locks[larger] or locks[larger][name][0].specifier != pin.specifier:
                yield f"{larger}: does not repeat {pin} of {smaller}"
    for name, (pin, _) in locks["dev.lock"].items():
        if pin.marker is None or pin.marker.evaluate():
            have = importlib.metadata.version(name)
            if not pin.specifier.contains(have):
                yield f".venv: has {name} {have}, the lock says {pin.specifier}"


def main() -> int:
    """Print each fault; return 1 if there is one."""
    found = list(places()) or list(faults())
    for fault in found:
        print(fault, file=sys.stderr)
    if found:
        print("Run `make lock` after a change of dependencies, and `make setup`.", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
