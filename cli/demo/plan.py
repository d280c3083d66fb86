"""The plan of a demonstration holds its folders, names and addresses."""

import socket
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cli.outcome import Failure

CARRIERS: Final = ("carrier-a", "carrier-b", "carrier-c")
CUSTODIANS: Final = (1, 2, 3)
THRESHOLD: Final = 2
WORK: Final = "work"
EXAMPLES: Final = Path(__file__).resolve().parents[2] / "examples"
_LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A server's listening address, and the URL that its callers sign; a relay may stand between the two."""

    name: str
    listen: str
    public_url: str

    @property
    def local_url(self) -> str:
        return f"http://{self.listen}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Every server of the demonstration; custodians by index, gateways by carrier."""

    registry: Endpoint
    custodians: dict[int, Endpoint]
    gateways: dict[str, Endpoint]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The input: three exports, the applicants, and the mappings of their columns."""

    folder: Path
    mappings: Path

    def export(self, carrier: str) -> Path:
        return self.folder / f"{carrier}.csv"

    def mapping(self, name: str) -> Path:
        return self.mappings / f"{name}.toml"

    @property
    def applicants(self) -> Path:
        return self.folder / "applicants.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """``var`` holds all files of the demonstration, ``work`` the results while they are being written."""

    var: Path
    out: Path
    sample: Sample
    addresses: Addresses
    capture: Path | None

    @property
    def logs(self) -> Path:
        return self.var / "logs"

    @property
    def work(self) -> Path:
        return self.var / WORK


def read_sample(folder: Path, mappings: Path) -> Sample:
    """Check that the input is complete; raises Failure with the name of a missing file."""
    names = [*(f"{carrier}.csv" for carrier in CARRIERS), "applicants.csv"]
    wanted = [folder / name for name in names]
    wanted += [mappings / f"{Path(name).stem}.toml" for name in names]
    for path in wanted:
        if not path.is_file():
            raise Failure(f"{path}: is missing; the demonstration needs {', '.join(names)} and a mapping for each")
    return Sample(folder=folder, mappings=mappings)


def loopback_addresses(*, relayed: bool) -> Addresses:
    """Find free ports on loopback; ``relayed`` gives registry and custodians a second one for a relay."""
    servers = 1 + len(CUSTODIANS)
    ports = free_ports(servers * (2 if relayed else 1) + len(CARRIERS))
    listening, called = ports[:servers], ports[servers : 2 * servers] if relayed else ports[:servers]
    registry, *custodians = (
        Endpoint(name=name, listen=f"{_LOOPBACK}:{own}", public_url=f"http://{_LOOPBACK}:{seen}")
        for name, own, seen in zip(
            ["registry", *(f"custodian-{index}" for index in CUSTODIANS)], listening, called, strict=True
        )
    )
    gateways = {
        carrier: Endpoint(name=carrier, listen=f"{_LOOPBACK}:{port}", public_url=f"http://{_LOOPBACK}:{port}")
        for carrier, port in zip(CARRIERS, ports[-len(CARRIERS) :], strict=True)
    }
    return Addresses(registry=registry, custodians=dict(zip(CUSTODIANS, custodians, strict=True)), gateways=gateways)


def free_ports(count: int) -> Sequence[int]:
    """Find ports without a listener; hold all until all are found, so that they differ."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((_LOOPBACK, 0))
        return [int(each.getsockname()[1]) for each in sockets]
