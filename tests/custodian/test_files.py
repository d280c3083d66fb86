import os
from dataclasses import replace
from pathlib import Path

import pytest

from crypto.envelope.provider import SEALED_MARK
from crypto.oprf.threshold import deal
from custodian import settings as custodian_settings
from custodian.ledger import Ledger
from custodian.share import ShareFileBad, load_share, save_share
from custodian.wiring import build
from protocol.encodings import b64url_encode
from serving.settings import SettingsError
from tests.support.parties import held
from tests.support.share_books import a_book, a_share
from tests.support.shares import GOOD, KEY

SHARE = held(deal(None, 2, 3, os.urandom), 2)


def test_a_share_file_is_written_for_its_owner_alone_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "share.json"
    save_share(path, SHARE)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_share(path) == SHARE
    assert b64url_encode(SHARE.sk) not in repr(SHARE)


def test_a_share_file_is_never_overwritten(tmp_path: Path) -> None:
    save_share(tmp_path / "share.json", SHARE)
    with pytest.raises(FileExistsError):
        save_share(tmp_path / "share.json", SHARE)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o622])
def test_a_share_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "share.json"
    save_share(path, SHARE)
    path.chmod(mode)
    with pytest.raises(ShareFileBad, match="chmod 600"):
        load_share(path)


def test_a_share_whose_public_key_is_another_one_is_refused(tmp_path: Path) -> None:
    save_share(tmp_path / "share.json", replace(SHARE, pk=SHARE.joint_public_key))
    with pytest.raises(ShareFileBad, match="not a pair"):
        load_share(tmp_path / "share.json")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"index":1}', "\u00e9", '{"sk":"' + "A" * 5000 + '"}'])
def test_a_file_that_is_no_share_is_refused_without_its_content(tmp_path: Path, text: str) -> None:
    path = tmp_path / "share.json"
    path.touch(mode=0o600)
    path.write_text(text)
    with pytest.raises(ShareFileBad) as refused:
        load_share(path)
    assert "AAAA" not in str(refused.value)


def test_a_sealed_share_is_not_read_without_a_passphrase(tmp_path: Path) -> None:
    path = tmp_path / "share.json"
    path.touch(mode=0o600)
    path.write_bytes(SEALED_MARK + b"{}}")
    with pytest.raises(ShareFileBad, match=r"share\.json: the custodian-share is sealed, and no passphrase was given"):
        load_share(path)


def test_a_missing_share_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ShareFileBad, match=r"share\.json: cannot be read"):
        load_share(tmp_path / "share.json")


@pytest.mark.parametrize(("index", "epoch"), [(1, 1), (3, 1), (2, 2), (1, 2)])
def test_a_share_of_another_index_or_epoch_than_the_settings_name_is_not_served(
    tmp_path: Path, index: int, epoch: int
) -> None:
    config, ledger = tmp_path / "custodian.toml", Ledger(tmp_path / "ledger.db")
    config.write_text(GOOD)
    save_share(tmp_path / "share.json", held(deal(None, 2, 3, os.urandom), index, epoch=epoch))
    with pytest.raises(SettingsError, match=f"holds share {index} of epoch {epoch}, not the configured"):
        build(config, ledger=ledger)
    (tmp_path / "share.json").unlink()
    save_share(tmp_path / "share.json", SHARE)
    assert build(config, ledger=ledger).test_client().get("/readyz").status_code == 200
    ledger.close()


def test_index_and_epoch_are_compared_only_where_the_settings_name_them(tmp_path: Path) -> None:
    config, ledger = tmp_path / "custodian.toml", Ledger(tmp_path / "ledger.db")
    config.write_text(GOOD.replace("index = 2\nepoch = 1\n", ""))
    save_share(tmp_path / "share.json", held(deal(None, 2, 3, os.urandom), 3, epoch=7))
    assert build(config, ledger=ledger).test_client().get("/readyz").status_code == 200
    ledger.close()


def test_a_dealers_file_may_be_gone_only_once_the_folder_holds_a_share(tmp_path: Path) -> None:
    config, ledger = tmp_path / "custodian.toml", Ledger(tmp_path / "ledger.db")
    config.write_text(GOOD)
    with pytest.raises(ShareFileBad, match=r"share\.json: cannot be read"):
        build(config, ledger=ledger)
    a_book(tmp_path / "shares", a_share(deal(None, 2, 3, os.urandom), 2, committee=2))
    assert build(config, ledger=ledger).test_client().get("/readyz").json == {"ready": True, "alarms": []}
    ledger.close()


def test_a_custodian_starts_without_any_share(tmp_path: Path) -> None:
    config, ledger = tmp_path / "custodian.toml", Ledger(tmp_path / "ledger.db")
    config.write_text(GOOD.partition("public_url")[1] + GOOD.partition("public_url")[2])
    client = build(config, ledger=ledger).test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").json == {"ready": False, "alarms": ["no-share"]}
    assert not (tmp_path / "shares").exists()
    ledger.close()


def test_settings_are_read_relative_to_their_file(tmp_path: Path) -> None:
    (tmp_path / "custodian.toml").write_text(GOOD)
    read = custodian_settings.load(tmp_path / "custodian.toml", {})
    assert (read.share, read.shares) == (tmp_path / "share.json", tmp_path / "shares")
    assert read.public_url == "http://127.0.0.1:9102"
    assert read.admission.carriers[0].carrier == "carrier-a"


def test_a_custodian_may_have_a_name_at_the_registry_and_serves_without(tmp_path: Path) -> None:
    path = tmp_path / "custodian.toml"
    path.write_text(GOOD)
    assert custodian_settings.load(path, {}).participant is None
    path.write_text('participant = "custodian-2"\n' + GOOD)
    assert custodian_settings.load(path, {}).participant == "custodian-2"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "custodian.toml").write_text(GOOD)
    environ = {"CLEARLINE_CUSTODIAN_LISTEN": "127.0.0.1:1", "CLEARLINE_CUSTODIAN_DAILY_QUOTA": "7", "OTHER": "x"}
    read = custodian_settings.load(tmp_path / "custodian.toml", environ)
    assert (read.listen, read.admission.daily_quota) == ("127.0.0.1:1", 7)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (GOOD.replace("index = 2", "index = 0"), "index must be at least 1"),
        (GOOD.replace("index = 2", 'index = "two"'), "index must be a whole number"),
        (GOOD.replace("threshold = 2", ""), "threshold must be a whole number: the dealer's file"),
        ("refresh_days = 3651\n" + GOOD, "refresh_days must be at most 3650"),
        (GOOD.replace('listen = "127.0.0.1:9102"', ""), "listen must be a text"),
        (GOOD.replace(KEY, KEY[:-3]), "public_key"),
        (GOOD.partition("[[carrier]]")[0], "at least one"),
        (GOOD + GOOD[GOOD.index("[[carrier]]") :], "same key_id"),
        ('participant = "Custodian 2"\n' + GOOD, "participant must be a participant id"),
        (GOOD.replace('id = "carrier-a"', 'id = "Carrier A"'), "id must be a participant id"),
        (GOOD.replace('key_id = "carrier-a-1"', f'key_id = "{"k" * 65}"'), "key_id must be a key id: 1 to 64"),
        ("index = ", "not TOML"),
    ],
)
def test_a_wrong_setting_is_named_with_its_file(tmp_path: Path, wrong: str, says: str) -> None:
    path = tmp_path / "custodian.toml"
    path.write_text(wrong)
    with pytest.raises(SettingsError, match=says) as refused:
        custodian_settings.load(path, {})
    assert str(path) in str(refused.value)


def test_missing_settings_are_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        custodian_settings.load(tmp_path / "none.toml", {})
