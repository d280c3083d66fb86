"""A carrier's key is added and revoked at a custodian that runs: the next request meets the change, the counts stay."""

import datetime as dt
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from crypto.oprf.threshold import deal
from custodian.carrier_keys import KeyChangeRefused, add_key, revoke_key
from custodian.ledger import Ledger
from custodian.settings import load
from custodian.share import save_share
from custodian.wiring import build
from protocol.encodings import b64url_encode
from serving.settings import SettingsError
from tests.support.custody import elements
from tests.support.parties import Caller, a_caller, custodian_url, evaluation_body, held


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass
class Running:
    """A custodian built from its settings file, and the carrier whose key was stolen."""

    config: Path
    ledger: Ledger
    client: Any
    old: Caller

    def asks(self, caller: Caller, count: int = 1) -> int:
        """The status of one request."""
        body = evaluation_body(elements(count))
        return self.client.post("/v1/evaluations", data=body, headers=caller.headers(body)).status_code

    def add(self, caller: Caller) -> bool:
        return add_key(self.config, caller.key()).is_new

    def revoke(self, key_id: str) -> bool:
        return revoke_key(self.config, "carrier-a", key_id, now=now()).is_new


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    save_share(tmp_path / "share.json", held(deal(None, 2, 3, os.urandom), 1))
    old, config, ledger = a_caller(now), tmp_path / "custodian.toml", Ledger(tmp_path / "ledger.db")
    config.write_text(
        'index = 1\nepoch = 1\nthreshold = 2\nshare = "share.json"\ndemonstration = true\n'
        f'public_url = "{custodian_url(1)}"\n'
        'listen = "127.0.0.1:1"\ndatabase = "ledger.db"\ndaily_quota = 10  # a comment that stays\n'
        f'[[carrier]]\nid = "carrier-a"\nkey_id = "carrier-a-1"\npublic_key = "{_key(old)}"'
    )
    with build(config, ledger=ledger).test_client() as client:
        yield Running(config, ledger, client, old)
    ledger.close()


def _key(caller: Caller) -> str:
    return b64url_encode(caller.key().public_key)


def test_the_carrier_keeps_working_while_its_stolen_key_is_replaced_and_revoked(running: Running) -> None:
    new = a_caller(now, "carrier-a-2")
    assert (running.asks(running.old, 3), running.asks(new)) == (200, 401)
    assert running.add(new)
    assert (running.asks(running.old), running.asks(new, 2)) == (200, 200)
    assert running.revoke("carrier-a-1")
    assert (running.asks(running.old), running.asks(new)) == (401, 200)
    assert running.ledger.evaluated("carrier-a", day=now().date()) == 7
    assert "# a comment that stays" in running.config.read_text()


def test_a_revoked_key_is_not_let_in_again_under_any_name(running: Running) -> None:
    running.revoke("carrier-a-1")
    for again in (running.old, replace(running.old, key_id="carrier-a-9"), a_caller(now)):
        with pytest.raises(KeyChangeRefused) as refused:
            running.add(again)
        assert refused.value.code == "key-revoked"
    # Somebody who writes it into the file by hand does not let the thief in either.
    with running.config.open("a") as file:
        file.write(f'\n[[carrier]]\nid = "carrier-a"\nkey_id = "carrier-a-9"\npublic_key = "{_key(running.old)}"\n')
    assert running.asks(replace(running.old, key_id="carrier-a-9")) == 401


def test_both_commands_may_be_repeated(running: Running) -> None:
    new = a_caller(now, "carrier-a-2")
    assert [running.add(new), running.add(new)] == [True, False]
    assert [running.revoke("carrier-a-1"), running.revoke("carrier-a-1")] == [True, False]
    assert [each.key_id for each in load(running.config, {}).admission.good()] == ["carrier-a-2"]


def test_a_name_that_is_taken_and_a_key_that_has_another_name_are_refused(running: Running) -> None:
    for other in (a_caller(now), replace(running.old, key_id="carrier-a-2")):
        with pytest.raises(KeyChangeRefused) as refused:
            running.add(other)
        assert refused.value.code == "key-taken"
    with pytest.raises(KeyChangeRefused) as refused:
        running.revoke("carrier-z-1")
    assert refused.value.code == "key-unknown"
    with pytest.raises(KeyChangeRefused) as refused:
        add_key(running.config, replace(a_caller(now).key(), carrier="Carrier A"))
    assert refused.value.code == "name-malformed"


def test_while_the_file_cannot_be_used_nobody_is_let_in(running: Running, caplog: pytest.LogCaptureFixture) -> None:
    good = running.config.read_text()
    running.config.write_text(f"{good}\n[[revoked]\n")
    assert [running.asks(running.old), running.asks(running.old)] == [503, 503]
    assert "nobody is let in" in caplog.text
    running.config.unlink()
    assert running.asks(running.old) == 503
    running.config.write_text(good)
    assert running.asks(running.old) == 200


def test_a_raised_quota_holds_from_the_next_request_on(running: Running) -> None:
    assert (running.asks(running.old, 10), running.asks(running.old)) == (200, 429)
    running.config.write_text(running.config.read_text().replace("daily_quota = 10 ", "daily_quota = 11 "))
    assert running.asks(running.old) == 200


def test_commands_that_run_at_once_lose_no_change(running: Running) -> None:
    keys = [a_caller(now, f"carrier-a-{number}") for number in range(2, 8)]
    threads = [threading.Thread(target=running.add, args=(each,)) for each in keys]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(load(running.config, {}).admission.good()) == 7


def test_the_file_keeps_its_mode(running: Running) -> None:
    running.config.chmod(0o640)
    running.revoke("carrier-a-1")
    assert running.config.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("revoked = 1\n", "must be written as"),
        ('[[revoked]]\nkey_id = ""\n', "key_id must be a text"),
        ('[[revoked]]\nkey_id = "a"\npublic_key = "x"\n', "revoked.public_key must be 32 bytes"),
        ('[[revoked]]\nkey_id = "a"\nat = "today"\n', "revoked.at must be a time"),
    ],
)
def test_a_wrong_revocation_is_named_with_its_file(running: Running, entry: str, says: str) -> None:
    text = running.config.read_text()
    running.config.write_text(entry + text if entry.startswith("revoked") else f"{text}\n{entry}")
    with pytest.raises(SettingsError, match=says):
        load(running.config, {})
