import os
from pathlib import Path

import pytest

from crypto.errors import KeyFileBad
from gateway import settings as gateway_settings
from gateway.identity.accounts import account_ref
from gateway.wiring import load_account_key
from serving.settings import SettingsError
from tests.support.settings import GOOD, KEY


def load(tmp_path: Path, text: str = GOOD, environ: dict[str, str] | None = None) -> gateway_settings.GatewaySettings:
    path = tmp_path / "gateway.toml"
    path.write_text(text)
    return gateway_settings.load(path, environ or {})


def test_settings_are_read_relative_to_their_file(tmp_path: Path) -> None:
    read = load(tmp_path)
    assert read.signing_key == tmp_path / "signing.pem"
    assert (read.registry_url, read.threshold, len(read.custodians)) == ("http://127.0.0.1:9100", 2, 2)


def test_the_pinned_committee_is_the_first_unless_the_settings_name_another(tmp_path: Path) -> None:
    assert load(tmp_path).committee == 1
    assert load(tmp_path, GOOD.replace("epoch = 1", "epoch = 1\ncommittee = 3")).committee == 3


def test_a_member_of_a_committee_is_named_with_its_signing_key(tmp_path: Path) -> None:
    named = f'custodian = "custodian-2"\nkey_id = "custodian-2-1"\nsigning_key = "{KEY}"\nindex = 2'
    first, second = load(tmp_path, GOOD.replace("index = 2", named)).custodians
    assert (first.custodian, first.key_id, first.signing_key) == (None, None, None)
    assert (second.custodian, second.key_id, second.signing_key) == ("custodian-2", "custodian-2-1", bytes(range(32)))


def test_the_pins_file_lies_beside_the_settings(tmp_path: Path) -> None:
    assert load(tmp_path).pins == tmp_path / "pins.json"


def test_the_file_of_orders_lies_beside_the_settings_unless_they_say_otherwise(tmp_path: Path) -> None:
    assert load(tmp_path).orders == tmp_path / "orders.db"
    elsewhere = load(tmp_path, GOOD + '\n[orders]\nfile = "state/orders.db"\n')
    assert elsewhere.orders == tmp_path / "state" / "orders.db"
    with pytest.raises(SettingsError, match="orders"):
        load(tmp_path, GOOD + '\n[orders]\npath = "orders.db"\n')


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    environ = {
        "CLEARLINE_GATEWAY_REGISTRY_URL": "https://registry.example",
        "CLEARLINE_GATEWAY_LIMITS_HEDGE_SECONDS": "0.5",
        "CLEARLINE_GATEWAY_LIMITS_CHUNK_ROWS": "10",
    }
    read = load(tmp_path, environ=environ)
    assert (read.registry_url, read.limits.hedge_seconds, read.limits.chunk_rows) == (
        "https://registry.example", 0.5, 10,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD.replace("threshold = 2", "threshold = 3"), "threshold is larger"),
        (GOOD.replace("index = 2", "index = 1"), "same index"),
        (GOOD.replace("epoch = 1", "epoch = 1\ncommittee = 0"), "custodians.committee must be at least 1"),
        (GOOD.replace("epoch = 1", "epoch = 1\ncommittee = 2147483648"), "custodians.committee must be at most"),
        (GOOD.replace("index = 2", "index = true"), "custodians.member.index must be a whole number"),
        (GOOD.replace("index = 2", 'signing_key = "AA"\nindex = 2'), "custodians.member.custodian is missing"),
        (
            GOOD.replace(f'joint_public_key = "{KEY}"', 'joint_public_key = "AA"'),
            "custodians.joint_public_key must be 32",
        ),
        (GOOD.replace('key_id = "registry-1"', ""), "registry.key_id must be a text"),
        (GOOD.replace('"registry-1"', f'"{"r" * 65}"'), "registry.key_id must be a key id: 1 to 64 of"),
        (GOOD.replace('"carrier-a-1"', '"carrier a"'), "carrier.key_id must be a key id"),
        (GOOD.replace('id = "carrier-a"', 'id = "Carrier_A"'), "carrier.id must be a participant id"),
        (GOOD + "[limits]\nchunk_rows = 1001", "limits.chunk_rows must be at most 1000"),
        (GOOD + "[limits]\nhedge_seconds = 0", "limits.hedge_seconds must be more than 0"),
        (GOOD + '[limits]\nhedge_seconds = "soon"', "limits.hedge_seconds must be a number"),
        (GOOD + "[check]\ndeadline_seconds = 61", "check.deadline_seconds must be more than 0 and at most 60"),
        (GOOD + "[check]\nplaces = 3", "check.places is not known here"),
        (GOOD.partition("[[custodians.member]]")[0], "at least one"),
        ("carrier = 1", "[carrier] must be a table"),
        ("[", "not TOML"),
    ],
)
def test_a_wrong_setting_is_named_with_its_file(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(tmp_path, text)
    assert str(refused.value).startswith(str(tmp_path / "gateway.toml"))
    assert says in str(refused.value)


def test_missing_settings_are_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        gateway_settings.load(tmp_path / "none.toml", {})


def test_the_account_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "account.key"
    path.touch(mode=0o600)
    path.write_text(KEY + "\n")
    assert load_account_key(path) == bytes(range(32))
    path.chmod(0o640)
    with pytest.raises(KeyFileBad, match="chmod 600"):
        load_account_key(path)


@pytest.mark.parametrize("text", ["", KEY[:-2], "é" * 40])
def test_a_file_that_is_no_account_key_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "account.key"
    path.touch(mode=0o600)
    path.write_text(text)
    with pytest.raises(KeyFileBad):
        load_account_key(path)
    with pytest.raises(KeyFileBad):
        load_account_key(tmp_path / "none")


def test_an_account_reference_needs_the_carriers_key() -> None:
    first, second = os.urandom(32), os.urandom(32)
    assert len({account_ref(each, key) for each in ("A1", "A2") for key in (first, second)}) == 4


LOG = f"""
[log]
public_key = "{KEY}"
"""


def test_a_gateway_without_a_log_works_as_before(tmp_path: Path) -> None:
    assert load(tmp_path).log is None


def test_a_log_is_named_after_the_registry_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    log = load(tmp_path, GOOD + LOG).log
    assert (log.url, log.name) == ("http://127.0.0.1:9100/log", "127.0.0.1:9100/log")
    assert (log.state, log.witness_key, log.policy, log.faults) == (tmp_path / "log-state", None, None, 0)
    assert log.witness_name == "carrier-a.witness"
    more = """url = "https://mirror.example/log/"
name = "r.example/log"
state = "s"
witness_key = "w.pem"
faults = 1
"""
    log = load(tmp_path, GOOD + LOG + more).log
    assert (log.url, log.name, log.state) == ("https://mirror.example/log", "r.example/log", tmp_path / "s")
    assert (log.witness_key, log.faults) == (tmp_path / "w.pem", 1)


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ("", "log.public_key"),
        ('public_key = "short"', "log.public_key"),
        (f'public_key = "{KEY}"\nfaults = -1', "log.faults"),
        (f'public_key = "{KEY}"\nname = ""', "log.name"),
        (f'public_key = "{KEY}"\nwitness_key = 7', "log.witness_key"),
    ],
)
def test_a_log_that_cannot_be_used_is_named_with_its_key(tmp_path: Path, more: str, key: str) -> None:
    with pytest.raises(SettingsError, match=key):
        load(tmp_path, f"{GOOD}\n[log]\n{more}\n")


def test_checks_have_little_patience_and_files_keep_theirs(tmp_path: Path) -> None:
    settings = load(tmp_path, GOOD + "[check]\ndeadline_seconds = 4\n[limits]\nhedge_seconds = 1\nattempts = 9")
    hurried = settings.for_checks()
    assert settings.check.deadline_seconds == 4
    assert (settings.limits.hedge_seconds, settings.limits.attempts) == (1, 9)
    assert (hurried.limits.hedge_seconds, hurried.limits.attempts, hurried.log) == (0.3, 2, None)


TMF = """
[tmf.identifications]
"nationalIdentityCard" = "RESIDENT_ID"
[tmf.offerings]
"5G 129" = "MOBILE"
[tmf.channels]
"营业厅" = "OUTLET"
[tmf.prepaid]
MOBILE = "PREPAID"
[tmf.deposit]
MOBILE = "5G 129 with a deposit"
"""


def test_the_carriers_words_in_tm_forums_messages_are_read(tmp_path: Path) -> None:
    assert load(tmp_path).tmf is None
    tables = load(tmp_path, GOOD + TMF).tmf
    assert tables is not None
    assert (tables.identifications["nationalIdentityCard"], tables.channels["营业厅"]) == ("RESIDENT_ID", "OUTLET")
    service_class = tables.offerings["5G 129"]
    assert tables.offering("PREPAID_ONLY", service_class) == "PREPAID"
    assert tables.offering("DEPOSIT", service_class) == "5G 129 with a deposit"
    least = GOOD + TMF.partition("[tmf.channels]")[0]
    assert load(tmp_path, least).tmf is not None


@pytest.mark.parametrize(
    ("wrong", "by", "says"),
    [
        ("RESIDENT_ID", "ID_CARD", "tmf.identifications.nationalIdentityCard must be one of RESIDENT_ID,"),
        ('"MOBILE"', '"TELEX"', "tmf.offerings.5G 129 must be one of MOBILE,"),
        ('"MOBILE"', "7", "tmf.offerings.5G 129 must be a text"),
        ('"OUTLET"', '"SHOP"', "tmf.channels.营业厅 must be one of OUTLET,"),
        ('MOBILE = "PREPAID"', 'TELEX = "PREPAID"', "tmf.prepaid must be one of MOBILE,"),
        ('"PREPAID"', '"\\u202e"', "tmf.prepaid.MOBILE must have words of 1 to 64 printable characters"),
        ('"5G 129 with a deposit"', '"5G 129"', "tmf.deposit.MOBILE must be an offering of its own"),
        ('"5G 129 with a deposit"', '"PREPAID"', "tmf.deposit.MOBILE must be an offering of its own"),
        ('"5G 129" = "MOBILE"', "", "tmf.offerings must have at least one entry"),
        ("[tmf.deposit]", "[tmf.deposits]", "tmf.deposits is not known here"),
        ('[tmf.prepaid]\nMOBILE = "PREPAID"', "[tmf]\nprepaid = 1", "[tmf.prepaid] must be a table"),
    ],
)
def test_a_word_that_stands_for_nothing_is_named(tmp_path: Path, wrong: str, by: str, says: str) -> None:
    assert wrong in TMF
    with pytest.raises(SettingsError) as refused:
        load(tmp_path, GOOD + TMF.replace(wrong, by, 1))
    assert says in str(refused.value)
