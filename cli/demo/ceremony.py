"""Makes all parties' keys and settings files in one place, as a trusted dealer: for the demonstration only."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from auditlog.names import LogName
from cli.ceremony import Dealt, deal_into
from cli.demo.folder import claim_for_dealing
from cli.demo.plan import CARRIERS, THRESHOLD, WORK, Addresses
from cli.demo.tokens import make_tokens
from cli.keys import make_secret_key, make_signing_key
from cli.registry.found import make_secrets
from crypto.signing.keys import load_private_key, public_bytes
from crypto.tlog.keys import SignatureKind, VerifierKey
from crypto.tlog.policy import Policy
from crypto.tlog.quorum import Quorum
from protocol.codes import Role
from protocol.encodings import b64url_encode
from registry.keyfile import load_public_half
from registry.settings import load as load_registry
from serving.clock import system_clock
from serving.files import FOR_ALL, make_folder, write_whole

EPOCH: Final = 1
WITNESSES_NEEDED: Final = 2
OFFICES: Final = {"auditor": Role.AUDITOR, "regulator": Role.REGULATOR, "adjudicator": Role.ADJUDICATOR}
"""The supervising offices, and their roles at the registry."""
_MOVED_CLOCK: Final = "clock_offset_seconds = "
_DEALT: Final = 'share = "share.json"\n'
_DEMONSTRATION: Final = "demonstration = true\n"
REGISTRY_KEY_ID: Final = "registry-1"
REGISTRY_PUBLIC_KEY: Final = "registry.pub"
DAILY_QUOTA: Final = 5_000_000
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
    carriers: dict[str, Path]
    carrier_keys: dict[str, bytes]
    witness_keys: dict[str, VerifierKey]
    offices: dict[str, Path]
    """The file of each office's signing key."""
    registry_public_key: Path


def make_parties(folder: Path, addresses: Addresses) -> Parties:
    """Write keys, shares and settings under ``folder``, a folder for each party."""
    claim_for_dealing(folder)
    for name in ("registry", *(f"custodian-{index}" for index in addresses.custodians), *CARRIERS):
        make_folder(folder / name)
    shares = {index: folder / f"custodian-{index}" / "share.json" for index in addresses.custodians}
    dealt = deal_into(shares, THRESHOLD, EPOCH)
    carrier_keys = {carrier: make_signing_key(folder / carrier / "signing.pem") for carrier in CARRIERS}
    for carrier in CARRIERS:
        make_secret_key(folder / carrier / "account.key")
        make_signing_key(folder / carrier / "witness.pem")
    for index, path in shares.items():
        _write(path.with_name("custodian.toml"), _custodian(index, addresses, carrier_keys))
    registry = _write(folder / "registry" / "registry.toml", _registry(addresses))
    settings = load_registry(registry, {})
    make_secrets(settings, epoch=EPOCH)
    registry_key = public_bytes(load_private_key(settings.signing_key))
    log_key = load_public_half(settings.log_key)
    gateway = _gateway_pins(addresses, dealt, registry_key) + _log_pins(log_key)
    policy = _policy(LogName(name=settings.log_name, public_key=log_key), _witness_keys(folder))
    for carrier in CARRIERS:
        _write(folder / carrier / "gateway.toml", _carrier(carrier, addresses) + gateway)
        write_whole(folder / carrier / "witnesses.policy", policy.encode())
        make_tokens(folder / carrier)
    operator_key = folder / "registry" / "operator.pem"
    _write(folder / "registry" / "founding.toml", _founding(make_signing_key(operator_key), dealt))
    make_offices(folder)
    return parties_in(folder, addresses)


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
        custodians={index: folder / f"custodian-{index}" / "custodian.toml" for index in addresses.custodians},
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


def _text(value: str | bytes) -> str:
    """Write a TOML basic string; JSON's escapes are a part of TOML's."""
    return json.dumps(b64url_encode(value) if isinstance(value, bytes) else value)


def _custodian(index: int, addresses: Addresses, carrier_keys: dict[str, bytes]) -> str:
    here = addresses.custodians[index]
    head = (
        f"index = {index}\nepoch = {EPOCH}\nthreshold = {THRESHOLD}\n"
        f'share = "share.json"\ndemonstration = true\ndatabase = "ledger.db"\ndaily_quota = {DAILY_QUOTA}\n'
        f"public_url = {_text(here.public_url)}\nlisten = {_text(here.listen)}\n"
    )
    carriers = (
        f'\n[[carrier]]\nid = "{carrier}"\nkey_id = "{carrier}-1"\npublic_key = {_text(key)}\n'
        for carrier, key in carrier_keys.items()
    )
    return head + "".join(carriers)


def _registry(addresses: Addresses) -> str:
    return (
        'database_url = "sqlite:///registry.db"\nkeys = "keys.json"\n'
        'signing_key = "registry.pem"\nthreads = 4\nworkers = 1\n'
        f"signing_key_id = {_text(REGISTRY_KEY_ID)}\n"
        f"public_url = {_text(addresses.registry.public_url)}\nlisten = {_text(addresses.registry.listen)}\n"
    )


def _carrier(carrier: str, addresses: Addresses) -> str:
    return (
        f'[carrier]\nid = "{carrier}"\nkey_id = "{carrier}-1"\n'
        'signing_key = "signing.pem"\naccount_key = "account.key"\n'
        f"\n[service]\nlisten = {_text(addresses.gateways[carrier].listen)}\n"
    )


def _gateway_pins(addresses: Addresses, dealt: Dealt, registry_key: bytes) -> str:
    head = (
        f"\n[registry]\nurl = {_text(addresses.registry.public_url)}\nkey_id = {_text(REGISTRY_KEY_ID)}\n"
        f"public_key = {_text(registry_key)}\n"
        f"\n[custodians]\nepoch = {EPOCH}\nthreshold = {THRESHOLD}\n"
        f"joint_public_key = {_text(dealt.joint_public_key)}\n"
    )
    members = (
        f"\n[[custodians.member]]\nindex = {index}\nurl = {_text(here.public_url)}\n"
        f"public_key = {_text(dealt.public_keys[index])}\n"
        for index, here in addresses.custodians.items()
    )
    return head + "".join(members)


def _log_pins(log_key: bytes) -> str:
    return (
        f'\n[log]\npublic_key = {_text(log_key)}\nstate = "log-state"\n'
        'witness_key = "witness.pem"\npolicy = "witnesses.policy"\n'
    )


def _founding(operator: bytes, dealt: Dealt) -> str:
    return (
        f'[operator]\nid = "operator"\nname = "The neutral operator"\nkey_id = "operator-1"\n'
        f"public_key = {_text(operator)}\n"
        f"\n[epoch]\nepoch = {EPOCH}\njoint_public_key = {_text(dealt.joint_public_key)}\n"
        f"threshold = {THRESHOLD}\ncustodians = {len(dealt.public_keys)}\n"
    )
