"""Check without a network that the lock files fit pyproject.toml; if not, exit 1 and name the cure.

The checks: a pin satisfies every declared requirement, every pin has hashes, the runtime lock is a part of the
development lock, no line names a place instead of a version, and the running environment has the lock's versions.
"""

import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent


def read_lock(path: Path) -> dict[str, tuple[Requirement, int]]:
    """Read each pinned name with its requirement and the number of its hashes."""
    pins: dict[str, tuple[Requirement, int]] = {}
    for entry in path.read_text().replace("\\\n", " ").splitlines():
        text, *hashes = entry.split("--hash=")
        if text.strip() and not text.startswith("#"):
            pin = Requirement(text.strip())
            pins[canonicalize_name(pin.name)] = (pin, len(hashes))
    return pins


def declared(groups: tuple[str, ...]) -> list[Requirement]:
    """List the requirements of pyproject.toml and build.in, with the given dependency groups."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lines = [*project["project"]["dependencies"]]
    for group in groups:
        lines += project["dependency-groups"][group]
    build = (ROOT / "requirements" / "build.in").read_text().splitlines()
    lines += [line for line in build if line.strip() and not line.startswith("#")]
    return [Requirement(line) for line in lines]


def places() -> Iterator[str]:
    """Find lock files that name a place or an option, which pip would obey."""
    for lock in ("runtime.lock", "dev.lock"):
        text = (ROOT / "requirements" / lock).read_text()
        if re.search(r"://|^\s*-(?!-hash)", text, re.MULTILINE):
            yield f"{lock}: names a place or an option, not only versions and hashes"


def faults_of(lock: str, groups: tuple[str, ...]) -> Iterator[str]:
    """List the faults of one lock file."""
    pins = read_lock(ROOT / "requirements" / lock)
    for wanted in declared(groups):
        pin, _ = pins.get(canonicalize_name(wanted.name), (None, 0))
        if pin is None:
            yield f"{lock}: {wanted.name} is missing"
        elif not wanted.specifier.contains(next(iter(pin.specifier)).version):
            yield f"{lock}: {pin} does not satisfy {wanted}"
    yield from (f"{lock}: {name} has no hash" for name, (_, hashes) in pins.items() if not hashes)


def faults() -> Iterator[str]:
    """List the faults of both files together and of this environment."""
    yield from faults_of("runtime.lock", ())
    yield from faults_of("dev.lock", ("dev",))
    runtime, dev = (read_lock(ROOT / "requirements" / name) for name in ("runtime.lock", "dev.lock"))
    for name, (pin, _) in runtime.items():
        if name not in dev or dev[name][0].specifier != pin.specifier:
            yield f"dev.lock: does not repeat {pin} of runtime.lock"
    for name, (pin, _) in dev.items():
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
