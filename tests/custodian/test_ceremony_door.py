"""Ceremonies are shown to pinned custodians alone, from files, and a settings file pins them."""

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crypto.signing import http_message
from custodian.live_admission import LiveAdmission
from custodian.settings import CarrierKey, Peer, load
from protocol.encodings import b64url_encode
from protocol.messages.ceremonies import Minutes, Offered, Step
from protocol.wire.codec import read
from serving.settings import SettingsError
from tests.support.ceremonies import body
from tests.support.holders import Hall, Holder, hall, url_of


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Hall]:
    with hall(tmp_path, 3) as custodians:
        yield custodians


def asked(asker: Holder, to: Holder, path: str, *, nonce: str | None = None) -> Any:
    headers = http_message.sign_request(
        method="GET",
        target_uri=url_of(to.name) + path,
        content_type=None,
        content_digest=None,
        key_id=asker.body.signer.key_id,
        private_key=asker.body.signer.private_key,
        created=asker.clock(),
        nonce=nonce or b64url_encode(os.urandom(18)),
    )
    return to.app.test_client().get(path, headers=headers)


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["type"].rpartition(":")[2]


def test_a_pinned_custodian_is_shown_the_offers_and_all_steps(three: Hall) -> None:
    older = three.consent(three.genesis(1, 2, 3), 1, 2, 3)
    three.clock.forward(seconds=2)
    newer = three.consent(three.genesis(1, 2, 3, epoch=2), 1)
    three.hold(older, 1, 2, 3, rounds=2)
    offered = asked(three[2], three[1], "/v1/ceremonies")
    assert read(Offered, offered.json).ceremonies == (newer, older)
    minutes = read(Minutes, asked(three[2], three[1], f"/v1/ceremonies/{older}").json)
    folder = three[1].store.get(older)
    assert folder is not None
    assert minutes.steps == folder.board().passed_on()
    assert folder.has_own(Step.JOIN)
    for unknown in ("0" * 64, older.upper(), f"{older}.json", "lock"):
        assert problem(asked(three[2], three[1], f"/v1/ceremonies/{unknown}")) == (404, "not-found")


def test_nobody_else_is_shown_anything_and_cannot_tell_what_is_there(three: Hall) -> None:
    root = three.consent(three.genesis(1, 2, 3), 1)
    stranger = Holder(body("custodian-9"), three[1].folder, three.clock, three[1].provider, three[1].ledger)
    for path in ("/v1/ceremonies", f"/v1/ceremonies/{root}", "/v1/ceremonies/" + "0" * 64):
        assert problem(asked(stranger, three[1], path)) == (401, "key-unknown")
        assert problem(three[1].app.test_client().get(path)) == (401, "signature-missing")
        nonce = b64url_encode(os.urandom(18))
        assert asked(three[2], three[1], path, nonce=nonce).status_code in {200, 404}
        assert problem(asked(three[2], three[1], path, nonce=nonce)) == (401, "signature-replayed")
    # A custodian is no carrier, and a carrier no custodian.
    assert problem(asked(three[2], three[1], "/v1/key")) == (401, "key-unknown")
    carrier = CarrierKey(carrier="carrier-a", key_id="carrier-a-1", public_key=stranger.pin().public_key)
    three[1].carriers.append(carrier)
    three[1].peers.clear()
    assert problem(asked(three[2], three[1], "/v1/ceremonies")) == (401, "key-unknown")


def test_a_folder_that_cannot_be_read_is_503_and_a_missing_one_holds_nothing(three: Hall) -> None:
    assert read(Offered, asked(three[2], three[1], "/v1/ceremonies").json).ceremonies == ()
    root = three.consent(three.genesis(1, 2, 3), 1)
    (three[1].folder / "ceremonies" / root / "proposal.json").write_bytes(b"{}")
    for path in ("/v1/ceremonies", f"/v1/ceremonies/{root}"):
        assert problem(asked(three[2], three[1], path)) == (503, "unavailable")


SETTINGS = """
public_url = "http://127.0.0.1:9101"
listen = "127.0.0.1:9101"
database = "ledger.db"
daily_quota = 10
"""


def entry(number: int, **members: str) -> str:
    key = b64url_encode(bytes([number]) * 32)
    given = {
        "id": f"custodian-{number}", "url": f"https://c{number}.test/", "key_id": f"c{number}-1", "public_key": key
    } | members  # fmt: skip
    return "\n[[peer]]\n" + "".join(f'{name} = "{value}"\n' for name, value in given.items())


def test_a_peer_in_the_settings_is_admitted_without_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "custodian.toml"
    path.write_text(SETTINGS + entry(2))
    admission = LiveAdmission(path)
    pinned = Peer(custodian="custodian-2", url="https://c2.test", key_id="c2-1", public_key=b"\x02" * 32)
    assert (admission().peer("c2-1"), admission().peer("c3-1"), admission().carriers) == (pinned, None, ())
    path.write_text(SETTINGS + entry(2) + entry(3))
    later = dt.datetime.now(dt.UTC).timestamp() + 5
    os.utime(path, (later, later))
    assert [each.custodian for each in admission().peers] == ["custodian-2", "custodian-3"]
    assert load(path, {}).ceremonies == tmp_path / "ceremonies"


@pytest.mark.parametrize(
    ("entries", "word"),
    [
        ("", "carrier must have at least one entry"),
        (entry(2) + entry(3, id="custodian-2"), "peer has the id of another entry"),
        (entry(2) + entry(3, url="https://c2.test"), "peer has the url of another entry"),
        (entry(2) + entry(3, key_id="c2-1"), "peer has the key_id of another entry"),
        (entry(2) + entry(3, public_key=b64url_encode(b"\x02" * 32)), "peer has the public_key of another entry"),
        (entry(2) + entry(2).replace("peer", "carrier").replace("url", "#"), "peer has the key_id of another entry"),
        (entry(2, url="ftp://c2.test"), "peer.url must be an http or https URL"),
        (entry(2, url="https://" + "c" * 113), "peer.url must be an http or https URL"),
        (entry(2, id="Custodian 2"), "peer.id must be a participant id"),
        (entry(2, more="1"), "peer.more is not known here"),
    ],
)
def test_settings_that_pin_two_of_one_or_nobody_are_refused(tmp_path: Path, entries: str, word: str) -> None:
    path = tmp_path / "custodian.toml"
    path.write_text(SETTINGS + entries)
    with pytest.raises(SettingsError, match=word):
        load(path, {})
