"""No process ever holds the key or another's share: a ceremony with planted secrets, searched byte by byte."""

import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from ceremony.committee import share_of
from ceremony.party import PartySecrets, make_secrets
from ceremony.terms import ceremony_id
from crypto.envelope.provider import UNSEALED
from crypto.oprf.group import multiply_base, scalar_add
from custodian.ceremonies.store import CeremonyStore
from protocol.encodings import b64url_encode
from protocol.messages.ceremonies import Proposal, Step
from tests.support.commands import run
from tests.support.custodian_homes import make_homes, serving
from tests.support.planted_custodian import image_of, planted
from tests.support.root import ROOT

NAMES = ("custodian-1", "custodian-2", "custodian-3")
NOTHING = frozenset[str]()
STEPS = (Step.DEAL, Step.CONFIRM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One ceremony's secrets, as the test computes them from the seeds; ``key`` is known to nobody else."""

    secrets: dict[str, PartySecrets]
    shares: dict[str, bytes]
    key: bytes

    def of(self, name: str) -> dict[str, bytes]:
        """Return everything that this custodian alone may hold, by what it is."""
        polynomial, own = self.secrets[name].polynomial, {f"share of {name}": self.shares[name]}
        assert polynomial is not None
        constants = [each for each in polynomial.coefficients if any(each)]
        return own | {f"coefficient {n} of {name}": each for n, each in enumerate(constants)}

    def keys_of(self, name: str) -> dict[str, bytes]:
        """Return the private keys that the parts for this custodian were sealed for."""
        return {
            f"sealing key {n} of {name}": each.private_key for n, each in enumerate(self.secrets[name].sealing_keys)
        }

    def all(self) -> dict[str, bytes]:
        """Return every secret of the ceremony, the joint key too."""
        known = {"the joint key": self.key}
        for name in self.secrets:
            known |= self.of(name) | self.keys_of(name)
        return known


def plant(proposal: Proposal, seeds: dict[str, str], former: Planted | None) -> Planted:
    """Compute the secrets that the processes will make, and what comes of them."""
    old = {} if former is None else former.shares
    secrets = {
        name: make_secrets(proposal, name, former_share=old.get(name), random=planted(seed))
        for name, seed in seeds.items()
    }
    shares = {}
    for seat in proposal.members:
        parts = {name: made.polynomial.at(seat.index) for name, made in secrets.items() if made.polynomial is not None}
        shares[seat.custodian] = share_of(proposal, parts, former_share=old.get(seat.custodian))
    if former is not None:
        return Planted(secrets=secrets, shares=shares, key=former.key)
    key = bytes(32)
    for made in secrets.values():
        assert made.polynomial is not None
        key = scalar_add(key, made.polynomial.coefficients[0])
    return Planted(secrets=secrets, shares=shares, key=key)


def spellings(secret: bytes) -> tuple[bytes, ...]:
    return secret, b64url_encode(secret).encode(), secret.hex().encode()


def found_in(pieces: Iterable[bytes], secrets: dict[str, bytes]) -> set[str]:
    """Return the names of the secrets that occur, in any spelling."""
    needles = [(name, each) for name, secret in secrets.items() for each in spellings(secret)]
    return {name for piece in pieces for name, needle in needles if needle in piece}


def files_below(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Custodians:
    """Three custodians that serve: their settings' files, and their processes."""

    homes: dict[str, Path]
    servers: dict[str, int]


@pytest.fixture
def custodians(tmp_path: Path) -> Iterator[Custodians]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in NAMES]
        ports = [int(probe.getsockname()[1]) for probe in probes]
    made = make_homes(tmp_path, ports)
    with serving(made) as servers:
        yield Custodians(homes=made, servers=servers)


def held(homes: dict[str, Path], ceremony: str, seeds: dict[str, str], seen: Path) -> None:
    """Let each custodian join in a process of its own."""
    processes = []
    for name, settings in homes.items():
        (seen / name).mkdir(parents=True)
        words = [str(settings), ceremony, seeds[name], str(seen / name)]
        line = [sys.executable, "-m", "tests.support.planted_custodian", *words]
        processes.append(subprocess.Popen(line, cwd=ROOT))
    assert [process.wait(60) for process in processes] == [0, 0, 0]


def proposed(capsys: pytest.CaptureFixture[str], homes: dict[str, Path], *words: str) -> Proposal:
    """Propose at the first custodian, and let the others consent by writing the proposal into their folders."""
    first, *others = homes.values()
    code, told = run(capsys, "custodian", "ceremony", "propose", "--config", str(first), *words)
    assert code == 0
    folder = CeremonyStore(first.parent / "ceremonies", UNSEALED).get(str(told["ceremony"]))
    assert folder is not None
    proposal = folder.proposal()
    for settings in others:
        CeremonyStore(settings.parent / "ceremonies", UNSEALED).accept(proposal, proposal.ends_at)
    return proposal


def check(custodians: Custodians, seen: Path, now: Planted, earlier: Planted | None) -> None:
    """Search the line, every image and every file for what does not belong there."""
    secrets = now.all() | ({} if earlier is None else {f"former {name}": each for name, each in earlier.all().items()})
    for name, settings in custodians.homes.items():
        shares = {f"share of {name}"} | (set() if earlier is None else {f"former share of {name}"})
        own = now.of(name).keys() | now.keys_of(name).keys() | shares
        assert found_in([(seen / name / "line").read_bytes()], secrets) == NOTHING
        images = [searched(seen / name / f"memory-{step}", secrets) for step in STEPS]
        assert all(image <= own for image in images)
        # The search finds what is there: who has dealt still holds its polynomial.
        assert images[0] & now.of(name).keys()
        # At the end the folder has this custodian's shares, and no way to any other.
        assert found_in(files_below(settings.parent), secrets) == shares
        assert held_by(custodians.servers[name], secrets) <= shares


def searched(image: Path, secrets: dict[str, bytes]) -> set[str]:
    """Search an image of a process and remove it: it has some 60 MB."""
    found = found_in([image.read_bytes()], secrets)
    image.unlink()
    return found


def held_by(process: int, secrets: dict[str, bytes]) -> set[str]:
    """Search a server's memory, which nobody but root may read."""
    try:
        return found_in(image_of(process), secrets)
    except PermissionError:
        return set()


def test_no_message_file_or_process_holds_the_key_or_another_custodian_s_share(
    custodians: Custodians, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    members = [word for n, name in enumerate(NAMES, start=1) for word in ("--member", f"{name}={n}")]
    born = ceremony_of(custodians, tmp_path / "born", capsys, None, "--kind", "genesis", "--threshold", "2", *members)
    check(custodians, tmp_path / "born", born, None)
    fresh = ceremony_of(custodians, tmp_path / "fresh", capsys, born, "--kind", "refresh")
    check(custodians, tmp_path / "fresh", fresh, born)


def ceremony_of(
    custodians: Custodians, seen: Path, capsys: pytest.CaptureFixture[str], former: Planted | None, *terms: str
) -> Planted:
    """Hold a ceremony in processes whose secrets are planted, and check that those are the ones that were used."""
    proposal, seeds = proposed(capsys, custodians.homes, *terms), {name: f"{seen.name} {name}" for name in NAMES}
    planted_now = plant(proposal, seeds, former)
    held(custodians.homes, ceremony_id(proposal), seeds, seen)
    for name, settings in custodians.homes.items():
        formed = CeremonyStore(settings.parent / "ceremonies", UNSEALED).formed(proposal.epoch)[-1]
        published = {each.custodian: each.share_public_key for each in formed.committee.members}
        assert multiply_base(planted_now.shares[name]) == published[name]
        assert multiply_base(planted_now.key) == formed.committee.joint_public_key
    return planted_now
