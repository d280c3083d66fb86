"""Stores the demonstration's addresses between two starts with --keep."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from cli.demo.plan import CARRIERS, CUSTODIANS, Addresses, Endpoint
from cli.outcome import Failure
from serving.files import write_durably

_FILE: Final = "demo.json"


def save_state(var: Path, addresses: Addresses) -> None:
    """Write the state; the settings files beside it give the servers the same addresses."""
    document = {
        "registry": asdict(addresses.registry),
        "custodians": [asdict(each) for each in addresses.custodians.values()],
        "gateways": [asdict(each) for each in addresses.gateways.values()],
    }
    write_durably(var / _FILE, (json.dumps(document, indent=2) + "\n").encode("ascii"))


def read_state(var: Path, *, relayed: bool) -> Addresses | None:
    """Read the addresses of an earlier start, or None. Raises Failure if they do not fit."""
    try:
        document: dict[str, Any] = json.loads((var / _FILE).read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except ValueError:
        raise Failure(f"{var / _FILE}: cannot be read back; start without --keep") from None
    addresses = Addresses(
        registry=Endpoint(**document["registry"]),
        custodians=dict(zip(CUSTODIANS, (Endpoint(**each) for each in document["custodians"]), strict=True)),
        gateways=dict(zip(CARRIERS, (Endpoint(**each) for each in document["gateways"]), strict=True)),
    )
    if relayed != (addresses.registry.local_url != addresses.registry.public_url):
        raise Failure(f"{var}: the kept addresses were made {'without' if relayed else 'with'} --capture")
    return addresses
