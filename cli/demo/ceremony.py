"""Makes everybody's keys and settings files in one place, as a trusted dealer: for the demonstration only."""

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cli.ceremony import Dealt, deal_into
from cli.demo.plan import CARRIERS, THRESHOLD, Addresses
from cli.demo.tokens import make_tokens
from cli.keys import make_account_key, make_signing_key
from cli.registry import make_secrets
from crypto.signing.keys import load_private_key, public_bytes
from crypto.tlog.keys import SignatureKind, VerifierKey
from crypto.tlog.policy import Policy
from crypto.tlog.quorum import Quorum
from gateway.log.names import LogName
from protocol.encodings import b64url_encode
from registry.keyfile import load_public_half
from registry.settings import load as load_registry

EPOCH: Final = 1
WITNESSES_NEEDED: Final = 2
DAILY_QUOTA: Final = 5_000_000
NAMES: Final = {
    "carrier-a": ("Carrier A (mobile)", "Any Carrier A shop, or the carrier's own app"),
    "carrier-b": ("Carrier B (fixed line)", "Any Carrier B shop"),
    "carrier-c": ("Carrier C (converged)", "Any Carrier C shop"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Where each party's settings file lies, and the carriers' public keys: for requests, and for cosignatures."""

    registry: Path
    founding: Path
    operator_key: Path
    custodians: dict[int, Path]
    carriers: dict[str, Path]
    carrier_keys: dict[str, bytes]
    witness_keys: dict[str, VerifierKey]


def make_parties(folder: Path, addresses: Addresses, clock_offset_seconds: int = 0) -> Parties:
    """Write keys, shares and settings under ``folder``, a folder for each party."""
    for name in ("registry", *(f"custodian-{index}" for index in addresses.custodians), *CARRIERS):
        (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    offset = f"clock_offset_seconds = {clock_offset_seconds}\n" if clock_offset_seconds else ""
    shares = {index: folder / f"custodian-{index}" / "share.json" for index in addresses.custodians}
    dealt = deal_into(shares, THRESHOLD, EPOCH)
    carrier_keys = {carrier: make_signing_key(folder / carrier / "signing.pem") for carrier in CARRIERS}
    for carrier in CARRIERS:
        make_account_key(folder / carrier / "account.key")
        make_signing_key(folder / carrier / "witness.pem")
    for index, path in shares.items():
        _write(path.with_name("custodian.toml"), offset + _custodian(index, addresses, carrier_keys))
    registry = _write(folder / "registry" / "registry.toml", offset + _registry(addresses))
    settings = load_registry(registry, {})
    make_secrets(settings, epoch=EPOCH)
    registry_key = public_bytes(load_private_key(settings.signing_key))
    log_key = load_public_half(settings.log_key)
    gateway = _gateway_pins(addresses, dealt, registry_key) + _log_pins(log_key)
    policy = _policy(LogName(name=settings.log_name, public_key=log_key), _witness_keys(folder), clock_offset_seconds)
    for carrier in CARRIERS:
        _write(folder / carrier / "gateway.toml", offset + _carrier(carrier, addresses) + gateway)
        (folder / carrier / "witnesses.policy").write_bytes(policy.encode())
        make_tokens(folder / carrier)
    operator_key = folder / "registry" / "operator.pem"
    _write(folder / "registry" / "founding.toml", _founding(make_signing_key(operator_key), dealt))
    return parties_in(folder, addresses)


def parties_in(folder: Path, addresses: Addresses) -> Parties:
    """The parties whose files lie under ``folder`` already."""
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


def _policy(log: LogName, witnesses: dict[str, VerifierKey], clock_offset_seconds: int) -> Policy:
    """Two of the three carriers: each believes the others, and itself."""
    today = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=clock_offset_seconds)
    quorum = Quorum(witnesses=tuple(witnesses.values()), threshold=WITNESSES_NEEDED, faults=0)
    return Policy(logs=(log.key(today.year),), quorum=quorum)


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="ascii")
    return path


def _text(value: str | bytes) -> str:
    """A TOML basic string; JSON's escapes are a part of TOML's."""
    return json.dumps(b64url_encode(value) if isinstance(value, bytes) else value)


def _custodian(index: int, addresses: Addresses, carrier_keys: dict[str, bytes]) -> str:
    here = addresses.custodians[index]
    head = (
        f"index = {index}\nepoch = {EPOCH}\nthreshold = {THRESHOLD}\n"
        f'share = "share.json"\ndatabase = "ledger.db"\ndaily_quota = {DAILY_QUOTA}\n'
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
        'signing_key = "registry.pem"\nsigning_key_id = "registry-1"\nthreads = 4\nworkers = 1\n'
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
        f'\n[registry]\nurl = {_text(addresses.registry.public_url)}\nkey_id = "registry-1"\n'
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
