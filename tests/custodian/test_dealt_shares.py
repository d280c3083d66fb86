"""A dealer, who knows the key, stays inside demonstrations: it writes nowhere else, and nobody serves its shares."""

import json
import logging
import os
from pathlib import Path

import pytest

from cli.ceremony import deal_into
from cli.outcome import Failure
from crypto.oprf.threshold import deal
from custodian import serve as server
from custodian.committee_share import ShareState, of_dealer, share_bytes
from custodian.ledger import Ledger
from custodian.share import ShareFileBad, load_share, save_share
from custodian.wiring import build
from serving.settings import SettingsError
from tests.support.commands import called
from tests.support.parties import held
from tests.support.share_books import a_book, a_share
from tests.support.shares import GOOD

DEALING = deal(None, 2, 3, os.urandom)
SHARE = held(DEALING, 2)
IN_EARNEST = GOOD.replace("demonstration = true\n", "")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A custodian that does not say that it is a demonstration's."""
    path = tmp_path / "custodian.toml"
    path.write_text(IN_EARNEST)
    return path


def test_a_share_file_says_that_it_was_dealt_and_one_of_an_earlier_release_is_taken_for_one(tmp_path: Path) -> None:
    path = tmp_path / "share.json"
    save_share(path, SHARE)
    document = json.loads(path.read_bytes())
    assert document.pop("dealt") is True
    path.write_text(json.dumps(document))
    assert load_share(path) == SHARE
    path.write_text(json.dumps(document | {"dealt": False}))
    with pytest.raises(ShareFileBad, match="needs exactly"):
        load_share(path)


def test_a_dealers_share_is_not_served_in_earnest(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, config: Path
) -> None:
    save_share(tmp_path / "share.json", SHARE)
    code, _, err = called(capsys, "custodian", "serve", "--config", str(config))
    assert (code, err.count("\n")) == (1, 1)
    assert f"{tmp_path}/share.json: a dealer made this share" in err
    assert not (tmp_path / "ledger.db").exists()


def test_a_dealers_share_among_those_of_ceremonies_is_not_served_in_earnest_either(
    tmp_path: Path, config: Path
) -> None:
    config.write_text(IN_EARNEST.replace('share = "share.json"\n', ""))
    a_book(tmp_path / "shares", a_share(DEALING, 2, committee=2))
    copy = tmp_path / "shares" / "share-1-1.json"
    copy.touch(mode=0o600)
    copy.write_bytes(share_bytes(of_dealer(SHARE, 2)))
    with pytest.raises(SettingsError, match="a dealer made this share"):
        build(config)


def test_a_ceremonys_share_is_served_without_a_word_of_demonstrations(tmp_path: Path, config: Path) -> None:
    config.write_text(IN_EARNEST.replace('share = "share.json"\n', ""))
    share = a_share(DEALING, 2)
    assert share.state is ShareState.PENDING
    a_book(tmp_path / "shares", share)
    ledger = Ledger(tmp_path / "ledger.db")
    assert build(config, ledger=ledger).test_client().get("/readyz").json == {"ready": True, "alarms": []}
    ledger.close()


def test_a_demonstration_serves_it_with_an_alarm_and_a_line_at_each_start(
    tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    config.write_text(GOOD)
    save_share(tmp_path / "share.json", SHARE)
    apps = []
    monkeypatch.setattr(server, "serve_small", lambda make_app, *_: apps.append(make_app()))
    for _ in range(2):
        with caplog.at_level(logging.WARNING, "clearline.custodian"):
            server.main(config)
    assert [each.message.partition(":")[0] for each in caplog.records] == ["dealt-share", "dealt-share"]
    assert apps[0].test_client().get("/readyz").json == {"ready": True, "alarms": ["dealt-share"]}


def test_a_dealer_writes_into_no_folder_that_holds_anything(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "custodian.toml").write_text(IN_EARNEST)
    code, _, err = called(capsys, "ceremony", "deal", "--out", str(tmp_path))
    assert (code, err.count("\n")) == (1, 1)
    assert "is not empty; a dealer writes into a folder of its own" in err
    assert [each.name for each in tmp_path.iterdir()] == ["custodian.toml"]


def test_a_dealing_marks_its_folder_and_no_other_code_deals_outside_of_such(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with pytest.raises(Failure, match="inside a demonstration alone"):
        deal_into({1: tmp_path / "1.json", 2: tmp_path / "2.json"}, 2, 1)
    assert list(tmp_path.iterdir()) == []
    assert called(capsys, "ceremony", "deal", "--out", str(tmp_path / "new"))[0] == 0
    assert "knew their key" in (tmp_path / "new" / ".clearline-dealt").read_text()
    deal_into({1: tmp_path / "new" / "1.json", 2: tmp_path / "new" / "2.json"}, 2, 1)


def test_a_link_and_a_file_are_no_folders_to_deal_into(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    code, _, err = called(capsys, "ceremony", "deal", "--out", str(link))
    assert (code, "is not a folder" in err) == (1, True)
    assert list(real.iterdir()) == []
