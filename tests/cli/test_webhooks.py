"""The operator admits a webhook, and its participant sees how the deliveries go, against a registry that listens."""

from pathlib import Path

import pytest

from crypto.signing.keys import save_private_key
from tests.support.commands import called, configured, run
from tests.support.registries import known
from tests.support.world import World

URL = "https://events.carrier-a.example/clearline"


def test_a_webhook_is_admitted_once_and_shown_to_its_participant(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = ["--config", str(configured(world, tmp_path, "carrier-a"))]
    unknown = called(capsys, "gateway", "webhook", *config, "--json")
    assert unknown == (1, "", "clearline: the registry refused: not-found (404)\n")
    save_private_key(world.signing_keys["operator"], tmp_path / "op.pem")
    signed = [*known(world), "--key", str(tmp_path / "op.pem"), "--key-id", "operator-1"]
    admitted = [
        run(capsys, "registry", "webhook", "admit", "carrier-a", "--to", URL, "--behind", "0", *signed)
        for _ in range(2)
    ]
    assert admitted[0] == admitted[1]
    code, found = admitted[0]
    assert (code, found["url"], found["position"]) == (0, URL, 0)
    assert run(capsys, "registry", "webhook", "show", "carrier-a", *signed) == (0, found)
    assert run(capsys, "gateway", "webhook", *config) == (0, found)
    refused = called(capsys, "registry", "webhook", "admit", "carrier-a", "--to", "http://10.0.0.1/", *signed, "--json")
    assert (refused[0], refused[1]) == (1, "")
    assert "invalid-field" in refused[2]
