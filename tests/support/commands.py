"""Runs commands in this process, and writes the settings that they read."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from crypto.signing.keys import public_bytes, save_private_key
from protocol.encodings import b64url_encode
from tests.support.builders import tokens
from tests.support.world import World

FOUNDING = """
[operator]
id = "operator"
name = "The operator"
key_id = "operator-1"
public_key = "{operator}"
[epoch]
epoch = 1
joint_public_key = "{joint}"
threshold = 2
custodians = 3
"""
REGISTRY = """
database_url = "sqlite:///registry.db"
public_url = "http://127.0.0.1:9100"
listen = "127.0.0.1:9100"
keys = "keys.json"
signing_key = "registry.pem"
signing_key_id = "registry-1"
"""


def called(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    with pytest.raises(SystemExit) as end:
        main(arguments)
    out, err = capsys.readouterr()
    return int(end.value.code or 0), out, err


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    with pytest.raises(SystemExit) as end:
        main([*words, "--json"])
    out = capsys.readouterr().out
    return int(end.value.code or 0), json.loads(out) if out else None


def configured(world: World, folder: Path, signer: str) -> Path:
    """Settings of carrier-a under one of its keys; no custodian is asked by these commands."""
    save_private_key(world.signing_keys[signer], folder / f"{signer}.pem")
    (folder / f"{signer}.key").touch(mode=0o600)
    (folder / f"{signer}.key").write_text(b64url_encode(bytes(range(32))))
    element = b64url_encode(tokens("custodian").subject)
    members = "".join(
        f'[[custodians.member]]\nindex = {each}\nurl = "http://127.0.0.1:9"\npublic_key = "{element}"\n'
        for each in (1, 2)
    )
    config = folder / f"{signer}.toml"
    config.write_text(
        f'[carrier]\nid = "carrier-a"\nkey_id = "{signer}-1"\nsigning_key = "{signer}.pem"\n'
        f'account_key = "{signer}.key"\n'
        f'[registry]\nurl = "{world.registry.public_url}"\nkey_id = "registry-1"\n'
        f'public_key = "{b64url_encode(public_bytes(world.signing_keys["registry"]))}"\n'
        f'[custodians]\nepoch = 1\nthreshold = 2\njoint_public_key = "{element}"\n{members}'
        '[service]\nlisten = "127.0.0.1:9201"\n'
    )
    return config


def answered(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """The JSON that a command printed."""
    code, out, err = called(capsys, *arguments)
    assert code == 0, err
    return json.loads(out)


@pytest.fixture
def registry(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> list[str]:
    """The options that name a registry that could be founded."""
    operator = answered(capsys, "keys", "new", "--out", str(tmp_path / "operator.pem"), "--json")
    dealt = answered(capsys, "ceremony", "deal", "--out", str(tmp_path / "shares"), "--json")
    founding = FOUNDING.format(operator=operator["public_key"], joint=dealt["joint_public_key"])
    (tmp_path / "founding.toml").write_text(founding)
    (tmp_path / "registry.toml").write_text(REGISTRY)
    return ["--config", str(tmp_path / "registry.toml"), "--founding", str(tmp_path / "founding.toml"), "--json"]
