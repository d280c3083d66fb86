"""Writes the settings files of the demonstration's parties."""

from collections.abc import Mapping
from typing import Final

from cli.ceremony import Dealt
from cli.demo.plan import CARRIERS, THRESHOLD, Addresses
from gateway.pins.table import dealt_table
from gateway.settings import CustodianPeer
from serving.toml_text import toml_text

EPOCH: Final = 1
REGISTRY_KEY_ID: Final = "registry-1"
DAILY_QUOTA: Final = 5_000_000
CUSTODIAN_KEY: Final = "signing.pem"


def custodian_name(index: int) -> str:
    """Return a custodian's id at the registry and in ceremonies, which is its folder's name too."""
    return f"custodian-{index}"


def custodian_key_id(name: str) -> str:
    """Return the name of a custodian's signing key."""
    return f"{name}-1"


def custodian_text(
    index: int, addresses: Addresses, carrier_keys: Mapping[str, bytes], custodian_keys: Mapping[str, bytes]
) -> str:
    """Write the settings of a custodian that makes its shares with the others, whose public keys are given by name."""
    name = custodian_name(index)
    head = f'participant = "{name}"\nsigning_key = "{CUSTODIAN_KEY}"\nkey_id = "{custodian_key_id(name)}"\n'
    urls = {custodian_name(each): here.public_url for each, here in addresses.custodians.items()}
    peers = (
        f'\n[[peer]]\nid = "{each}"\nurl = {toml_text(urls[each])}\nkey_id = "{custodian_key_id(each)}"\n'
        f"public_key = {toml_text(key)}\n"
        for each, key in custodian_keys.items()
        if each != name
    )
    return head + _served(index, addresses, carrier_keys) + "".join(peers)


def dealt_custodian_text(index: int, addresses: Addresses, carrier_keys: Mapping[str, bytes]) -> str:
    """Write the settings of a custodian that a dealer gives a share."""
    head = f"index = {index}\nepoch = {EPOCH}\nthreshold = {THRESHOLD}\n"
    share = 'share = "share.json"\ndemonstration = true\n'
    return head + share + _served(index, addresses, carrier_keys)


def registry_text(addresses: Addresses) -> str:
    """Write the registry's settings."""
    return (
        'database_url = "sqlite:///registry.db"\nkeys = "keys.json"\n'
        'signing_key = "registry.pem"\nthreads = 4\nworkers = 1\n'
        f"signing_key_id = {toml_text(REGISTRY_KEY_ID)}\n"
        f"public_url = {toml_text(addresses.registry.public_url)}\nlisten = {toml_text(addresses.registry.listen)}\n"
    )


def carrier_text(carrier: str, addresses: Addresses, pins: str) -> str:
    """Write a gateway's settings; ``pins`` are the keys of registry, custodians and log."""
    return (
        f'[carrier]\nid = "{carrier}"\nkey_id = "{carrier}-1"\n'
        'signing_key = "signing.pem"\naccount_key = "account.key"\n'
        f"\n[service]\nlisten = {toml_text(addresses.gateways[carrier].listen)}\n\n{pins}"
    )


def pins_text(addresses: Addresses, registry_key: bytes, log_key: bytes, custodians: str) -> str:
    """Write the tables of the keys that every gateway pins; ``custodians`` is the table of theirs."""
    registry = (
        f"[registry]\nurl = {toml_text(addresses.registry.public_url)}\nkey_id = {toml_text(REGISTRY_KEY_ID)}\n"
        f"public_key = {toml_text(registry_key)}\n"
    )
    log = (
        f'[log]\npublic_key = {toml_text(log_key)}\nstate = "log-state"\n'
        'witness_key = "witness.pem"\npolicy = "witnesses.policy"\n'
    )
    return f"{registry}\n{custodians}\n{log}"


def custodians_of_dealer(addresses: Addresses, dealt: Dealt) -> str:
    """Write the table of a dealer's shares."""
    members = tuple(
        CustodianPeer(index=index, url=here.public_url, public_key=dealt.public_keys[index])
        for index, here in addresses.custodians.items()
    )
    return dealt_table(dealt.epoch, dealt.threshold, dealt.joint_public_key, members)


def founding_text(operator: bytes, epoch: str) -> str:
    """Write the registry's founding; ``epoch`` are the lines of the first key."""
    return (
        '[operator]\nid = "operator"\nname = "The neutral operator"\nkey_id = "operator-1"\n'
        f"public_key = {toml_text(operator)}\n\n[epoch]\nepoch = {EPOCH}\n{epoch}"
    )


def dealt_epoch(dealt: Dealt) -> str:
    """Write the lines of a dealer's key."""
    return (
        f"joint_public_key = {toml_text(dealt.joint_public_key)}\n"
        f"threshold = {dealt.threshold}\ncustodians = {len(dealt.public_keys)}\n"
    )


def formed_epoch(transcript: str) -> str:
    """Write the line of a key from a ceremony, whose transcript lies beside the founding."""
    return f"transcript = {toml_text(transcript)}\n"


def _served(index: int, addresses: Addresses, carrier_keys: Mapping[str, bytes]) -> str:
    here = addresses.custodians[index]
    carriers = (
        f'\n[[carrier]]\nid = "{carrier}"\nkey_id = "{carrier}-1"\npublic_key = {toml_text(carrier_keys[carrier])}\n'
        for carrier in CARRIERS
    )
    head = f'database = "ledger.db"\ndaily_quota = {DAILY_QUOTA}\n'
    return head + f"public_url = {toml_text(here.public_url)}\nlisten = {toml_text(here.listen)}\n" + "".join(carriers)
