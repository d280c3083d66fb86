"""Makes all parties' keys and settings files in one place: for the demonstration only.

The custodians' key is made last: by the custodians themselves (``cli.demo.genesis``), or by a trusted dealer where
their processes do not run.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from auditlog.names import LogName
from ceremony.standing import Formed
from cli.ceremony import deal_into
from cli.demo.folder import claim_for_dealing
from cli.demo.plan import CARRIERS, THRESHOLD, WORK, Addresses
from cli.demo.settings_files import (
    CUSTODIAN_KEY,
    EPOCH,
    carrier_text,
    custodian_name,
    custodian_text,
    custodians_of_dealer,
    dealt_custodian_text,
    dealt_epoch,
    formed_epoch,
    founding_text,
    pins_text,
    registry_text,
)
from cli.demo.tokens import make_tokens
from cli.keys import make_secret_key, make_signing_key
from cli.registry.found import make_secrets
from crypto.signing.keys import load_private_key, public_bytes
from crypto.tlog.keys import SignatureKind, VerifierKey
from crypto.tlog.policy import Policy
from crypto.tlog.quorum import Quorum
from gateway.pins.table import committee_table
from protocol.codes import Role
from protocol.encodings import b64url_encode
from registry.keyfile import load_public_half
from registry.settings import load as load_registry
from serving.clock import system_clock
from serving.files import FOR_ALL, make_folder, write_whole

WITNESSES_NEEDED: Final = 2
OFFICES: Final = {"auditor": Role.AUDITOR, "regulator": Role.REGULATOR, "adjudicator": Role.ADJUDICATOR}
"""The supervising offices, and their roles at the registry."""
_MOVED_CLOCK: Final = "clock_offset_seconds = "
_DEALT: Final = 'share = "share.json"\n'
_DEMONSTRATION: Final = "demonstration = true\n"
REGISTRY_PUBLIC_KEY: Final = "registry.pub"
TRANSCRIPT: Final = "transcript.json"
NAMES: Final = {
    "carrier-a": ("Carrier A (mobile)", "Any Carrier A shop, or the carrier's own app"),
    "carrier-b": ("Carrier B (fixed line)", "Any Carrier B shop"),
    "carrier-c": ("Carrier C (converged)", "Any Carrier C shop"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """The paths of the parties' settings files and keys; the carriers' public keys for requests and cosignatures."""

    registry: Path
    founding: Path
    operator_key: Path
    custodians: dict[int, Path]
    custodian_keys: dict[str, bytes]
    """The public keys that custodians sign with, by name; none where a dealer made their shares."""
    carriers: dict[str, Path]
    carrier_keys: dict[str, bytes]
    witness_keys: dict[str, VerifierKey]
    offices: dict[str, Path]
    """The file of each office's signing key."""
    registry_public_key: Path


def make_parties(folder: Path, addresses: Addresses) -> Parties:
    """Write keys, settings and a TRUSTED DEALER's shares under ``folder``, a folder for each party."""
    claim_for_dealing(folder)
    carrier_keys = _make_keys(folder, addresses)
    shares = {index: folder / custodian_name(index) / "share.json" for index in addresses.custodians}
    dealt = deal_into(shares, THRESHOLD, EPOCH)
    for index, path in shares.items():
        _write(path.with_name("custodian.toml"), dealt_custodian_text(index, addresses, carrier_keys))
    _pin(folder, addresses, custodians_of_dealer(addresses, dealt), dealt_epoch(dealt))
    return parties_in(folder, addresses)


def make_homes(folder: Path, addresses: Addresses) -> Parties:
    """Write everybody's keys under ``folder``, and the settings of custodians and registry.

    The custodians can serve and make their key; ``pin_committee`` writes what needs that key.
    """
    carrier_keys = _make_keys(folder, addresses)
    custodian_keys = {
        custodian_name(index): make_signing_key(folder / custodian_name(index) / CUSTODIAN_KEY)
        for index in addresses.custodians
    }
    for index in addresses.custodians:
        text = custodian_text(index, addresses, carrier_keys, custodian_keys)
        _write(folder / custodian_name(index) / "custodian.toml", text)
    return parties_in(folder, addresses)


def pin_committee(folder: Path, addresses: Addresses, formed: Formed) -> None:
    """Write the gateways' settings and the registry's founding with the committee that the custodians formed."""
    write_whole(folder / "registry" / TRANSCRIPT, formed.transcript)
    _pin(folder, addresses, committee_table(formed.committee), formed_epoch(TRANSCRIPT))


def _make_keys(folder: Path, addresses: Addresses) -> dict[str, bytes]:
    """Make the keys of carriers, registry and offices; returns the carriers' public ones."""
    for name in ("registry", *map(custodian_name, addresses.custodians), *CARRIERS):
        make_folder(folder / name)
    carrier_keys = {carrier: make_signing_key(folder / carrier / "signing.pem") for carrier in CARRIERS}
    for carrier in CARRIERS:
        make_secret_key(folder / carrier / "account.key")
        make_signing_key(folder / carrier / "witness.pem")
        make_tokens(folder / carrier)
    make_signing_key(folder / "registry" / "operator.pem")
    make_secrets(
        load_registry(_write(folder / "registry" / "registry.toml", registry_text(addresses)), {}), epoch=EPOCH
    )
    make_offices(folder)
    return carrier_keys


def _pin(folder: Path, addresses: Addresses, custodians: str, epoch: str) -> None:
    settings = load_registry(folder / "registry" / "registry.toml", {})
    log_key = load_public_half(settings.log_key)
    pins = pins_text(addresses, public_bytes(load_private_key(settings.signing_key)), log_key, custodians)
    policy = _policy(LogName(name=settings.log_name, public_key=log_key), _witness_keys(folder))
    for carrier in CARRIERS:
        _write(folder / carrier / "gateway.toml", carrier_text(carrier, addresses, pins))
        write_whole(folder / carrier / "witnesses.policy", policy.encode())
    operator_key = public_bytes(load_private_key(folder / "registry" / "operator.pem"))
    _write(folder / "registry" / "founding.toml", founding_text(operator_key, epoch))


def make_offices(folder: Path) -> None:
    """Make the offices' missing keys, and write the registry's public key for clients that pin it."""
    for office in OFFICES:
        make_folder(folder / office)
        if not (folder / office / f"{office}.pem").exists():
            make_signing_key(folder / office / f"{office}.pem")
    key = public_bytes(load_private_key(folder / "registry" / "registry.pem"))
    write_whole(folder / REGISTRY_PUBLIC_KEY, f"{b64url_encode(key)}\n".encode("ascii"), FOR_ALL)


def bring_up_to_date(folder: Path) -> None:
    """Update a folder of an earlier release: drop its moved clock and runs in the old form, and add the offices.

    Its custodians go on with the shares of a dealer, as a demonstration's.
    """
    for path in folder.glob("*/*.toml"):
        lines = path.read_text(encoding="ascii").splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith(_MOVED_CLOCK)]
        if kept != lines:
            _write(path, "".join(kept))
    allow_dealt(folder)
    for path in (folder / WORK).glob("*.progress"):
        # Such a run has other row names: the demonstration reports again, and known records come back as DUPLICATE.
        if "incarnation" not in json.loads(path.read_bytes()):
            for each in path.parent.glob(f"{path.stem}*"):
                each.unlink()
    make_offices(folder)


def allow_dealt(folder: Path) -> tuple[Path, ...]:
    """Let custodians of an earlier release serve a dealer's shares; returns the settings files that were changed."""
    changed = []
    for path in sorted(folder.glob("custodian-*/custodian.toml")):
        text = path.read_text(encoding="ascii")
        if _DEALT in text and _DEMONSTRATION not in text:
            changed.append(_write(path, text.replace(_DEALT, _DEALT + _DEMONSTRATION, 1)))
    return tuple(changed)


def parties_in(folder: Path, addresses: Addresses) -> Parties:
    """Read the parties whose files lie under ``folder`` already."""
    return Parties(
        registry=folder / "registry" / "registry.toml",
        founding=folder / "registry" / "founding.toml",
        operator_key=folder / "registry" / "operator.pem",
        custodians={index: folder / custodian_name(index) / "custodian.toml" for index in addresses.custodians},
        custodian_keys={
            name: public_bytes(load_private_key(folder / name / CUSTODIAN_KEY))
            for name in map(custodian_name, addresses.custodians)
            if (folder / name / CUSTODIAN_KEY).exists()
        },
        carriers={carrier: folder / carrier / "gateway.toml" for carrier in CARRIERS},
        carrier_keys={
            carrier: public_bytes(load_private_key(folder / carrier / "signing.pem")) for carrier in CARRIERS
        },
        witness_keys=_witness_keys(folder),
        offices={office: folder / office / f"{office}.pem" for office in OFFICES},
        registry_public_key=folder / REGISTRY_PUBLIC_KEY,
    )


def _witness_keys(folder: Path) -> dict[str, VerifierKey]:
    return {
        carrier: VerifierKey(
            name=f"{carrier}.witness",
            kind=SignatureKind.COSIGNATURE,
            public_key=public_bytes(load_private_key(folder / carrier / "witness.pem")),
        )
        for carrier in CARRIERS
    }


def _policy(log: LogName, witnesses: dict[str, VerifierKey]) -> Policy:
    """Make the policy of two of the three carriers: each trusts the others, and itself."""
    today = system_clock()
    quorum = Quorum(witnesses=tuple(witnesses.values()), threshold=WITNESSES_NEEDED, faults=0)
    return Policy(logs=(log.key(today.year),), quorum=quorum)


def _write(path: Path, text: str) -> Path:
    write_whole(path, text.encode("ascii"))
    return path
