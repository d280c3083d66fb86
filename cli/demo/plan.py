"""What a demonstration is going to do and where: folders, dates, names and addresses."""

import datetime as dt
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
EXAMPLES: Final = Path(__file__).resolve().parents[2] / "examples"
BEIJING: Final = dt.timezone(dt.timedelta(hours=8), "Asia/Shanghai")
_NOON: Final = dt.time(12)
_LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a server listens, and the URL that its callers sign; a relay may stand between the two."""

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
    """The input: three exports, the applicants, how they are laid out, and the date they speak of."""

    folder: Path
    mappings: Path
    clock_offset_seconds: int

    def export(self, carrier: str) -> Path:
        return self.folder / f"{carrier}.csv"

    def mapping(self, name: str) -> Path:
        return self.mappings / f"{name}.toml"

    @property
    def applicants(self) -> Path:
        return self.folder / "applicants.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """``var`` holds everything that is made, ``work`` the results while they are being written."""

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
        return self.var / "work"


def read_sample(folder: Path, mappings: Path, now: dt.datetime) -> Sample:
    """Look the input over; raises Failure naming the file that is missing. AS_OF moves the clocks to noon of its day.

    Without AS_OF the clocks stay as they are.
    """
    names = [*(f"{carrier}.csv" for carrier in CARRIERS), "applicants.csv"]
    wanted = [folder / name for name in names]
    wanted += [mappings / f"{Path(name).stem}.toml" for name in names]
    for path in wanted:
        if not path.is_file():
            raise Failure(f"{path}: is missing; the demonstration needs {', '.join(names)} and a mapping for each")
    return Sample(folder=folder, mappings=mappings, clock_offset_seconds=_offset(folder / "AS_OF", now))


def _offset(as_of: Path, now: dt.datetime) -> int:
    if not as_of.exists():
        return 0
    try:
        day = dt.date.fromisoformat(as_of.read_text(encoding="ascii").strip())
    except ValueError:
        raise Failure(f"{as_of}: is not one date like 2026-11-21") from None
    # Noon, so that a demonstration that is left running stays on the day for hours.
    return int((dt.datetime.combine(day, _NOON, BEIJING) - now).total_seconds())


def loopback_addresses(*, relayed: bool) -> Addresses:
    """Free ports on loopback; ``relayed`` gives registry and custodians a second one that a relay takes."""
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
    """Ports that nobody listens on just now; all are held until all are found, so that they differ."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((_LOOPBACK, 0))
        return [int(each.getsockname()[1]) for each in sockets]
