"""Keys, ceremonies, and a registry that is founded, migrated and found again."""

import json
import os
import stat
from pathlib import Path

import pytest

from cli.main import main
from custodian.share import load_share
from protocol.encodings import b64url_decode
from tests.support.commands import answered, called


@pytest.mark.parametrize("kind", ["signing", "account"])
def test_a_key_file_is_for_its_owner_alone_and_never_overwritten(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "a.key"
    said = answered(capsys, "keys", "new", "--kind", kind, "--out", str(path), "--json")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    assert before.decode().strip() not in json.dumps(said)
    code, _, err = called(capsys, "keys", "new", "--kind", kind, "--out", str(path))
    assert (code, err) == (1, f"clearline: {path}: exists already and is not overwritten\n")
    assert path.read_bytes() == before


def test_only_the_public_half_of_a_signing_key_is_printed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = answered(capsys, "keys", "new", "--out", str(tmp_path / "a.pem"), "--json")
    assert len(b64url_decode(said["public_key"])) == 32


def test_the_public_half_lies_beside_a_signing_key_for_everybody_to_read(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    said = answered(capsys, "keys", "new", "--out", str(tmp_path / "a.pem"), "--json")
    beside = tmp_path / "a.pem.pub"
    assert (said["public_file"], beside.read_text(encoding="ascii")) == (str(beside), said["public_key"] + "\n")
    assert stat.S_IMODE(beside.stat().st_mode) == 0o644


def test_a_public_half_of_another_key_is_not_overwritten_and_no_key_is_made(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    beside = tmp_path / "a.pem.pub"
    beside.write_text("another\n", encoding="ascii")
    code, _, err = called(capsys, "keys", "new", "--out", str(tmp_path / "a.pem"))
    assert (code, err) == (1, f"clearline: {beside}: exists already and is not overwritten\n")
    assert (beside.read_text(encoding="ascii"), list(tmp_path.iterdir())) == ("another\n", [beside])


def test_a_dealing_says_that_a_dealer_made_it(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, err = called(capsys, "ceremony", "deal", "--out", str(tmp_path), "--json")
    assert code == 0
    assert "trusted dealer" in err
    shares = [load_share(tmp_path / f"share-{index}.json") for index in (1, 2, 3)]
    assert {str(each.index) for each in shares} == set(json.loads(out)["public_keys"])
    assert not any(os.fsdecode(each.sk.hex()) in out for each in shares)


def test_shares_are_not_dealt_twice_into_one_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    called(capsys, "ceremony", "deal", "--out", str(tmp_path))
    before = (tmp_path / "share-1.json").read_bytes()
    code, _, err = called(capsys, "ceremony", "deal", "--out", str(tmp_path))
    assert (code, "exists already" in err) == (1, True)
    assert (tmp_path / "share-1.json").read_bytes() == before


def test_a_registry_is_founded_once(capsys: pytest.CaptureFixture[str], registry: list[str]) -> None:
    first = answered(capsys, "registry", "init", *registry)
    again = answered(capsys, "registry", "init", *registry)
    assert (first["founded"], again["founded"]) == ("now", "before")
    assert first["public_key"] == again["public_key"]


def test_a_registry_that_is_founded_on_a_dealers_shares_says_so(
    capsys: pytest.CaptureFixture[str], registry: list[str]
) -> None:
    code, _, err = called(capsys, "registry", "init", *registry)
    assert (code, "founded on a dealer's shares" in err) == (0, True)


def test_migrating_says_from_where_to_where(capsys: pytest.CaptureFixture[str], registry: list[str]) -> None:
    first = answered(capsys, "registry", "migrate", *registry[:2], "--json")
    again = answered(capsys, "registry", "migrate", *registry[:2], "--json")
    assert first["before"] is None
    assert again["before"] == again["now"] == first["now"]


def test_a_registry_does_not_serve_an_old_schema(capsys: pytest.CaptureFixture[str], registry: list[str]) -> None:
    code, _, err = called(capsys, "registry", "serve", *registry[:2])
    assert code == 1
    assert "clearline registry migrate" in err


def test_a_founded_registry_has_nothing_due(capsys: pytest.CaptureFixture[str], registry: list[str]) -> None:
    answered(capsys, "registry", "init", *registry)
    code, _, err = called(capsys, "registry", "worker", "--once", *registry[:2])
    assert code == 0
    assert err.splitlines()[:2] == ["records enforced: 0", "pages of events delivered: 0"]


@pytest.mark.parametrize(
    ("was", "becomes", "named"),
    [
        ("threshold = 2", "threshold = 0", "epoch.threshold"),
        ('name = "The operator"', "", "operator.name"),
        ('key_id = "operator-1"', "key_id = [", "not TOML"),
    ],
)
def test_a_founding_file_is_refused_by_the_name_of_what_is_wrong(
    capsys: pytest.CaptureFixture[str], registry: list[str], was: str, becomes: str, named: str
) -> None:
    path = Path(registry[3])
    path.write_text(path.read_text().replace(was, becomes))
    code, _, err = called(capsys, "registry", "init", *registry)
    assert (code, err.count("\n")) == (1, 1)
    assert named in err


def test_admitting_at_a_registry_that_is_away_is_exit_code_3(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    key = tmp_path / "operator.pem"
    said = answered(capsys, "keys", "new", "--out", str(key), "--json")
    code, _, err = called(
        capsys,
        *("registry", "admit", "carrier-a", "--url", "http://127.0.0.1:1", "--key", str(key), "--key-id", "operator-1"),
        *("--registry-key", said["public_key"]),
        *("--name", "Carrier A", "--role", "REPORTER", "--new-key-id", "a-1", "--public-key", said["public_key"]),
    )
    assert (code, "not reachable" in err) == (3, True)


def test_the_committed_interface_is_what_the_code_says(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "openapi")
    assert code == 0
    assert out.startswith("# Generated")


@pytest.mark.parametrize(("of", "name"), [((), "openapi.yaml"), (("--gateway",), "openapi-gateway.yaml")])
def test_a_drift_is_exit_code_1(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    of: tuple[str, ...],
    name: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert called(capsys, "openapi", *of, "--check")[0] == 1
    (tmp_path / name).write_text(called(capsys, "openapi", *of)[1])
    assert called(capsys, "openapi", *of, "--check")[0] == 0
    (tmp_path / name).write_text("openapi: 3.0.0\n")
    code, _, err = called(capsys, "openapi", *of, "--check")
    assert (code, "differs from the code" in err) == (1, True)


def test_the_module_can_be_run() -> None:
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert not end.value.code
