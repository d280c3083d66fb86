"""A carrier goes over to another signing key only when everybody lets it in, and its settings change in two lines."""

import os
from pathlib import Path

import pytest

from crypto.signing.keys import generate_signing_key, save_private_key
from gateway.key_switch import KeyNotReady, Trial, check_ready, write_switch
from serving.settings import SettingsError

TEXT = """# our gateway
[registry]
key_id = "registry-1"
[carrier]  # us
id = "carrier-a"
key_id = "carrier-a-1"   # the first one
signing_key = "signing.pem"
[custodians]
epoch = 1
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name in ("signing.pem", "signing-2.pem"):
        save_private_key(generate_signing_key(os.urandom), tmp_path / name)
    (tmp_path / "gateway.toml").write_text(TEXT)
    return tmp_path


def test_two_lines_change_and_all_others_stay(place: Path) -> None:
    for _ in range(2):
        write_switch(place / "gateway.toml", "carrier-a-2", place / "signing-2.pem")
        changed = (place / "gateway.toml").read_text()
        assert changed == TEXT.replace('"carrier-a-1"   # the first one', '"carrier-a-2"').replace(
            '"signing.pem"', '"signing-2.pem"'
        )


def test_a_key_in_another_folder_is_named_whole(place: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("elsewhere") / "signing-2.pem"
    write_switch(place / "gateway.toml", "carrier-a-2", other)
    assert f'signing_key = "{other}"' in (place / "gateway.toml").read_text()


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace('key_id = "carrier-a-1"', "key_id = '''\ncarrier-a-1'''"),
        'carrier = { id = "carrier-a", key_id = "carrier-a-1", signing_key = "signing.pem" }\n',
    ],
)
def test_settings_of_another_form_are_left_to_a_person(place: Path, text: str) -> None:
    (place / "gateway.toml").write_text(text)
    with pytest.raises(SettingsError):
        write_switch(place / "gateway.toml", "carrier-a-2", place / "signing-2.pem")
    assert (place / "gateway.toml").read_text() == text


def test_a_custodian_that_refuses_the_key_keeps_the_old_one_in_use() -> None:
    good, refusing = Trial(index=1, refusal=None), Trial(index=2, refusal="key-unknown (401)")
    with pytest.raises(KeyNotReady, match=r"^key-not-ready: .* custodian 2: key-unknown"):
        check_ready([good, refusing, Trial(index=3, refusal=None)], 2)


def test_a_custodian_that_is_down_holds_up_no_switch_while_enough_are_left() -> None:
    good, silent = Trial(index=1, refusal=None), Trial(index=2, refusal="not reachable", is_silent=True)
    check_ready([good, silent, Trial(index=3, refusal=None)], 2)
    with pytest.raises(KeyNotReady):
        check_ready([good, silent], 2)
