"""All spellings of an account give one reference, in a report as in a payment, and a lost number gives none."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from client.errors import RegistryRefused
from client.resources.records import own_records
from gateway.counter.transfers import accept
from gateway.errors import ApplicationInvalid, VerdictsBroken
from gateway.gateway import Gateway
from gateway.identity.accounts import ANY_FORM, AccountForm, AccountInvalid, Accounts, account_ref
from gateway.settings import load
from gateway.wiring import build
from protocol.codes import DecisionCode
from protocol.encodings import b64url_encode
from serving.settings import SettingsError
from tests.support.account_exports import report
from tests.support.applications import apply
from tests.support.builders import a_report
from tests.support.exports import debt, resident
from tests.support.parties import Parties
from tests.support.payments import payment
from tests.support.settings import GOOD
from tests.support.stories import lists
from tests.support.world import World

KEY = bytes(range(32))
SPELLINGS = [
    "0012345678",
    "'0012345678",
    '="0012345678"',
    "００１２３４５６７８",
    "0012345678\u200b",
    "\t0012345678",
    "’0012345678",
]


def accounts(**form: Any) -> Accounts:
    return Accounts(KEY, AccountForm(**form))


def test_spellings_of_an_account_give_one_reference_and_the_former_one_where_it_was_another() -> None:
    read = [accounts().read(each) for each in SPELLINGS]
    assert {each.reference for each in read} == {account_ref("0012345678", KEY)}
    assert [each.former_reference for each in read] == [
        None if each.strip() == "0012345678" else account_ref(each.strip(), KEY) for each in SPELLINGS
    ]
    assert accounts().read("12345678").reference != read[0].reference


def test_an_account_that_a_spreadsheet_lost_has_no_reference() -> None:
    for text, code in (
        ("1.38001E+12", "EXPONENT"),
        ("0012345678.0", "NUMBER_FORMAT"),
        (" ", "EMPTY"),
        ("NULL", "PLACEHOLDER"),
    ):
        with pytest.raises(AccountInvalid) as invalid:
            accounts().read(text)
        assert (invalid.value.code, str(invalid.value)) == (code, code)


def test_a_declared_width_puts_lost_zeros_back_and_says_how_the_account_was_written_before() -> None:
    padded = accounts(width=10).read("12345678")
    assert padded.reference == account_ref("0012345678", KEY)
    assert padded.former_reference == account_ref("12345678", KEY)
    assert accounts(width=10).read("0012345678") == padded
    assert accounts(width=10).read("9012345678").former_reference is None
    assert accounts(width=10).read("AB-1").reference == account_ref("AB-1", KEY)
    with pytest.raises(AccountInvalid, match="NOT_OF_THE_PATTERN"):
        accounts(width=10).read("12345678901")


def test_an_account_that_does_not_match_the_declared_pattern_is_refused() -> None:
    own = accounts(pattern=re.compile(r"[0-9]{10}"), width=10)
    assert own.read("'12345678").number == "0012345678"
    for text in ("A012345678", "1234567890123", "12-34"):
        with pytest.raises(AccountInvalid, match="NOT_OF_THE_PATTERN"):
            own.read(text)


def test_another_form_of_accounts_is_another_run() -> None:
    forms = [
        ANY_FORM,
        AccountForm(width=10),
        AccountForm(pattern=re.compile("x")),
        AccountForm(pattern=re.compile("y")),
    ]
    assert len({Accounts(KEY, each).stamp() for each in forms}) == 4


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('pattern = "["', "accounts.pattern is no regular expression"),
        ("pattern = 3", "accounts.pattern must be a text"),
        ("width = 0", "accounts.width must be at least 1"),
        ("width = 65", "accounts.width must be at most 64"),
        ("length = 3", "accounts.length is not known here"),
    ],
)
def test_a_wrong_form_of_accounts_names_file_and_key(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "gateway.toml"
    path.write_text(f"{GOOD}\n[accounts]\n{text}\n")
    with pytest.raises(SettingsError, match=re.escape(says)):
        load(path, {})


def test_the_form_of_accounts_is_read_from_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "gateway.toml"
    path.write_text(f'{GOOD}\n[accounts]\npattern = "[0-9]+"\nwidth = 10\n')
    form = load(path, {}).accounts
    assert (form.pattern, form.width) == (re.compile("[0-9]+", re.ASCII), 10)
    assert load(path, {"CLEARLINE_GATEWAY_ACCOUNTS_WIDTH": "12"}).accounts.width == 12


def test_one_debt_that_is_spelled_in_many_ways_is_one_record(gateway: Gateway, tmp_path: Path, mappings: Path) -> None:
    rows = report(gateway, tmp_path, mappings, [debt(each) for each in SPELLINGS])
    assert [row[1] for row in rows] == ["ACTIVE"] + ["DUPLICATE"] * (len(SPELLINGS) - 1)
    assert len({row[2] for row in rows}) == 1


def test_two_debts_under_a_rounded_account_are_both_refused(gateway: Gateway, tmp_path: Path, mappings: Path) -> None:
    rows = report(gateway, tmp_path, mappings, [debt("1.38001E+12"), debt("1.38001E+12", 本金="888.88")])
    assert [(row[1], row[6]) for row in rows] == [("REJ_ACCOUNT_UNREADABLE", "account:EXPONENT")] * 2


def test_a_debt_is_paid_under_any_spelling_of_its_account(gateway: Gateway, tmp_path: Path, mappings: Path) -> None:
    report(gateway, tmp_path, mappings, [debt("'0012345678")])
    assert gateway.settle(payment('="0012345678"')).state == "CLEARED"
    with pytest.raises(ApplicationInvalid, match="account: EXPONENT"):
        gateway.settle(payment("1.38001E+12"))


def former_record(gateway: Gateway, world: World, spelling: str) -> None:
    """A record as a release before this one listed it, under the reference of the spelling."""
    identity = payment().identity
    assert identity is not None
    [tokens] = gateway.tokenise([identity])
    reference = account_ref(spelling, gateway.tools.account_key)
    assert lists(world, "carrier-a", a_report(tokens=tokens, account_ref=reference)).record_id is not None


def test_a_record_from_before_the_upgrade_is_paid_under_its_former_reference(
    gateway: Gateway, world: World, parties: Parties
) -> None:
    former_record(gateway, world, "'0012345678")
    once = payment("'0012345678", settled_at=parties.clock())
    first = gateway.settle(once, idempotency_key="settle-1")
    assert first.state == "CLEARED"
    assert gateway.settle(once, idempotency_key="settle-1") == first
    assert gateway.check(apply(resident(1))).decision is DecisionCode.ALLOW


def test_an_account_that_no_record_knows_is_not_found_under_either_reference(
    gateway: Gateway, parties: Parties
) -> None:
    with pytest.raises(RegistryRefused, match="not-found"):
        gateway.settle(payment("'0012345678"))
    assert sum(b"/v1/settlements" in each for each in parties.registry.sent) == 2


def test_a_report_says_the_former_reference_too(
    gateway: Gateway, parties: Parties, tmp_path: Path, mappings: Path
) -> None:
    report(gateway, tmp_path, mappings, [debt("'0012345678"), debt("B1", 证件号码=resident(2))])
    [batch] = [each for each in parties.registry.sent if b"/v1/record-batches" in each]
    former = b64url_encode(account_ref("'0012345678", gateway.tools.account_key)).encode()
    assert batch.count(b'"former_account_ref"') == 1
    assert b'"former_account_ref":"' + former in batch


def test_a_width_holds_for_the_report_and_for_the_payment(parties: Parties, tmp_path: Path, mappings: Path) -> None:
    settings = replace(parties.settings("carrier-a"), accounts=AccountForm(width=10))
    with build(settings, transports=parties.lines, clock=parties.clock) as gateway:
        report(gateway, tmp_path, mappings, [debt("12345678")])
        [record] = own_records(gateway.registry)
        assert record.account_ref == account_ref("0012345678", gateway.tools.account_key)
        assert gateway.settle(payment("0012345678")).state == "CLEARED"


def test_an_account_that_cannot_be_read_takes_no_debt_over(gateway: Gateway) -> None:
    with pytest.raises(VerdictsBroken, match="one of the accounts cannot be read: EXPONENT"):
        list(accept(gateway.registry, gateway.tools.accounts, [], {UUID(int=1): "1.38001E+12"}))
