"""The container demonstration's ceremony gives every party settings that it can load, and no party another's secret."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cli.registry.found import make_secrets
from crypto.signing.keys import load_private_key, public_bytes
from custodian import settings as custodian_settings
from custodian.share import load_share
from gateway import settings as gateway_settings
from gateway.local.tokens import Scope, TokenBook
from gateway.wiring import build, build_log
from protocol.encodings import b64url_decode
from registry import keyfile
from registry import settings as registry_settings

ROOT = Path(__file__).resolve().parents[2]


def run_ceremony(parties: Path, commands: Path) -> None:
    """Run the script as the container does; ``clearline`` is this checkout under this Python."""
    commands.mkdir(exist_ok=True)
    command = commands / "clearline"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cli "$@"\n')
    command.chmod(0o755)
    environment = {"PATH": f"{commands}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    subprocess.run(["sh", str(ROOT / "deploy/ceremony.sh"), str(parties)], env=environment, check=True, cwd=commands)


@pytest.fixture(scope="module")
def parties(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One ceremony, begun after another that was killed halfway: that one's remains must not matter."""
    place = tmp_path_factory.mktemp("ceremony")
    (place / "parties" / "carrier-a").mkdir(parents=True)
    (place / "parties" / "carrier-a" / "signing.pem").write_text("half a key")
    run_ceremony(place / "parties", place / "bin")
    return place / "parties"


@pytest.mark.parametrize("index", [1, 2, 3])
def test_a_custodian_can_load_its_share_and_knows_three_carriers(parties: Path, index: int) -> None:
    settings = custodian_settings.load(parties / f"custodian-{index}" / "custodian.toml", {})
    assert settings.share is not None
    assert load_share(settings.share).index == settings.index == index
    assert settings.public_url == f"http://custodian-{index}:9101"
    assert [each.carrier for each in settings.admission.carriers] == ["carrier-a", "carrier-b", "carrier-c"]


@pytest.mark.parametrize("letter", "abc")
def test_a_gateway_pins_the_shares_that_the_custodians_hold(parties: Path, letter: str) -> None:
    settings = gateway_settings.load(parties / f"carrier-{letter}" / "gateway.toml", {})
    build(settings).close()
    held = {index: load_share(parties / f"custodian-{index}" / "share.json") for index in (1, 2, 3)}
    assert {each.index: each.public_key for each in settings.custodians} == {i: each.pk for i, each in held.items()}
    assert {each.joint_public_key for each in held.values()} == {settings.joint_public_key}


@pytest.mark.parametrize("letter", "abc")
def test_a_gateway_pins_the_key_under_which_the_registry_will_sign_heads(parties: Path, letter: str) -> None:
    registry = registry_settings.load(parties / "registry" / "registry.toml", {})
    settings = gateway_settings.load(parties / f"carrier-{letter}" / "gateway.toml", {})
    assert settings.log is not None
    assert settings.log.public_key == public_bytes(load_private_key(registry.log_key))
    assert (settings.log.name, settings.log.url) == (registry.log_name, f"{registry.public_url}/log")
    with build_log(settings) as here:
        witness = here.witness_key()
    told = (parties / "operator" / f"carrier-{letter}.witness.pub").read_text().strip()
    assert (witness.name, witness.public_key) == (f"carrier-{letter}.witness", b64url_decode(told))


def test_the_registry_is_founded_with_the_log_key_of_the_ceremony(parties: Path, tmp_path: Path) -> None:
    home = tmp_path / "registry"
    shutil.copytree(parties / "registry", home)
    settings = registry_settings.load(home / "registry.toml", {})
    before = settings.log_key.read_bytes()
    make_secrets(settings, epoch=1)
    assert settings.log_key.read_bytes() == before
    assert keyfile.load_public_half(settings.log_key) == public_bytes(load_private_key(settings.log_key))


def test_the_registry_has_settings_and_what_it_is_founded_on(parties: Path) -> None:
    settings = registry_settings.load(parties / "registry" / "registry.toml", {})
    assert settings.public_url == "http://front:8080"
    assert settings.signing_key.exists()
    assert (parties / "registry" / "founding.toml").exists()


@pytest.mark.parametrize("letter", "abc")
def test_each_gateway_knows_a_caller_for_each_scope_by_its_digest(parties: Path, letter: str) -> None:
    home = parties / f"carrier-{letter}"
    book = TokenBook(gateway_settings.load(home / "gateway.toml", {}).tokens)
    for scope in Scope:
        caller = book.caller_of((home / f"{scope}.token").read_text().strip())
        assert caller is not None
        assert (caller.name, caller.scopes) == (scope.value, frozenset({scope}))


def test_the_operator_pins_the_key_under_which_the_registry_will_answer(parties: Path) -> None:
    registry = registry_settings.load(parties / "registry" / "registry.toml", {})
    told = (parties / "operator" / "registry.pub").read_text().strip()
    assert b64url_decode(told) == public_bytes(load_private_key(registry.signing_key))


def test_every_file_is_its_owners_alone_and_lies_with_one_party(parties: Path) -> None:
    files = [path for path in parties.rglob("*") if path.is_file()]
    halves = [path for path in files if path.name.endswith(".pem.pub")]
    shared = {path for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077}
    assert shared == set(halves), "only public keys are for everybody"
    for path in halves:
        assert b64url_decode(path.read_text().strip()) == public_bytes(load_private_key(path.with_suffix("")))
    kinds = {".pem", ".key", ".token"}
    secrets = [path.read_bytes() for path in files if path.suffix in kinds or path.name == "share.json"]
    assert len(secrets) == len(set(secrets)) == 3 + 3 + 3 + 3 + 3 + 9


def test_a_finished_ceremony_is_left_alone(parties: Path) -> None:
    before = {path: path.read_bytes() for path in parties.rglob("*") if path.is_file()}
    run_ceremony(parties, parties.parent / "bin")
    assert {path: path.read_bytes() for path in parties.rglob("*") if path.is_file()} == before
