"""The sandbox does not start beside real keys or settings: each kind is refused under its code, and nothing changes."""

import datetime as dt
import hashlib
import json
from pathlib import Path

import pytest

from cli.demo.ceremony import allow_dealt, make_parties
from cli.demo.folder import DEMONSTRATION, SANDBOX, own_folder
from cli.demo.identities import FRESH_DAYS, IDENTITIES, Act, Way
from cli.demo.plan import loopback_addresses
from cli.demo.sandbox_guard import SandboxRefused, note_changed, note_made, refuse_real_keys
from cli.demo.sandbox_page import table, with_table
from cli.demo.sandbox_seed import forget_start, is_fresh
from cli.demo.state import save_state
from cli.outcome import Failure
from custodian import settings as custodian_settings
from gateway.counter.words import Language
from protocol.codes import DecisionCode, ReasonCode
from protocol.encodings import format_time
from protocol.identifiers import InvalidDocument, parse_document
from registry.policy.rules import DEFAULT_RULES
from serving.clock import system_clock
from tests.support.builders import TODAY
from tests.support.commands import called
from tests.support.root import ROOT

NUMBERS = "8b37f62245720135a934447887cc6d6c0106ecd6385e269d1a920837c7a0ed6a"
PAGES = {Language.EN: "sandbox.md", Language.ZH: "sandbox.zh-CN.md"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sandbox's folder as its first start leaves it, without a registry that was founded."""
    var = tmp_path_factory.mktemp("made") / "sandbox"
    with own_folder(var, keep=True, kind=SANDBOX):
        addresses = loopback_addresses(relayed=False)
        make_parties(var, addresses)
        save_state(var, addresses)
        note_made(var)
    return var


@pytest.fixture
def var(made: Path, tmp_path: Path) -> Path:
    """A copy of it, to be spoiled."""
    for path in (made, *sorted(made.rglob("*"))):
        copy = tmp_path / "sandbox" / path.relative_to(made)
        if path.is_dir():
            copy.mkdir()
        else:
            copy.write_bytes(path.read_bytes())
    return tmp_path / "sandbox"


def test_a_sandbox_of_an_earlier_release_goes_on_with_its_dealt_shares(var: Path) -> None:
    settings = [var / f"custodian-{index}" / "custodian.toml" for index in (1, 2, 3)]
    for path in settings:
        path.write_text(path.read_text().replace("demonstration = true\n", ""))
    note_changed(var, settings)
    assert allow_dealt(var) == tuple(settings)
    with pytest.raises(SandboxRefused, match="sandbox-changed"):
        refuse_real_keys(var)
    note_changed(var, settings)
    refuse_real_keys(var)
    assert [custodian_settings.load(path, {}).demonstration for path in settings] == [True] * 3
    assert allow_dealt(var) == ()


def everything(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def refused(var: Path) -> str:
    """Refuse a folder; its code."""
    with pytest.raises(SandboxRefused) as caught:
        refuse_real_keys(var)
    assert str(caught.value).startswith(f"sandbox-{caught.value.reason}: ")
    return caught.value.reason


def test_a_folder_of_its_own_and_one_that_is_not_there_yet_are_taken(var: Path, tmp_path: Path) -> None:
    refuse_real_keys(var)
    (var / "carrier-b" / "applicant.json").write_text("{}")
    (var / "carrier-b" / "local-tokens.json").write_text("changed by the integrator")
    refuse_real_keys(var)
    refuse_real_keys(tmp_path / "not-there" / "yet")
    (tmp_path / "empty").mkdir()
    refuse_real_keys(tmp_path / "empty")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("gateway.toml", "beside-gateway"),
        ("account.key", "beside-gateway"),
        ("keys.json", "beside-registry"),
        ("registry.pem", "beside-registry"),
        ("share.json", "beside-custodian"),
        ("custodian.toml", "beside-custodian"),
    ],
)
@pytest.mark.parametrize("place", [".", "sandbox", "carrier", "sandbox/carrier-b/deeper"])
def test_real_keys_in_it_above_it_or_beside_it_are_left_alone(
    tmp_path: Path, name: str, reason: str, place: str
) -> None:
    (tmp_path / place).mkdir(parents=True, exist_ok=True)
    (tmp_path / place / name).write_text("secret")
    before = everything(tmp_path)
    assert refused(tmp_path / "sandbox") == reason
    assert everything(tmp_path) == before


@pytest.mark.parametrize("name", ["keys.json", "carrier-b/share.json", "registry/old/gateway.toml"])
def test_a_real_file_that_was_put_into_a_sandbox_is_found(var: Path, name: str) -> None:
    (var / name).parent.mkdir(exist_ok=True)
    (var / name).write_text("secret")
    assert refused(var).startswith("beside-")


def test_another_key_in_it_is_not_its_own(var: Path) -> None:
    (var / "carrier-b" / "our-production.pem").write_text("secret")
    assert refused(var) == "foreign-key"


@pytest.mark.parametrize("name", ["registry/keys.json", "custodian-1/share.json", "carrier-b/account.key", "demo.json"])
def test_a_file_that_is_not_as_it_made_it_is_refused(var: Path, name: str) -> None:
    (var / name).write_text("of a real party")
    assert refused(var) == "changed"
    (var / name).unlink()
    assert refused(var) == "changed"


def test_a_link_in_the_place_of_a_key_is_refused(var: Path, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere"
    real.write_bytes((var / "registry" / "registry.pem").read_bytes())
    (var / "registry" / "registry.pem").unlink()
    (var / "registry" / "registry.pem").symlink_to(real)
    assert refused(var) == "changed"


@pytest.mark.parametrize("name", ["sandbox.json", "carrier-b/gateway.toml"])
def test_what_cannot_be_read_back_is_refused(var: Path, name: str) -> None:
    (var / name).write_text("{[")
    assert refused(var) == "changed"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("carrier-b/gateway.toml", "http://127.0.0.1", "https://registry.example"),
        ("carrier-b/gateway.toml", 'listen = "127.0.0.1', 'listen = "0.0.0.0'),
        ("registry/registry.toml", 'listen = "127.0.0.1', 'listen = "192.0.2.7'),
        ("custodian-2/custodian.toml", 'public_url = "http://127.0.0.1', 'public_url = "http://custodian.example'),
    ],
)
def test_an_address_beyond_this_machine_is_refused(var: Path, name: str, old: str, new: str) -> None:
    text = (var / name).read_text()
    assert old in text
    (var / name).write_text(text.replace(old, new))
    assert refused(var) == "not-loopback"


@pytest.mark.parametrize(
    "name", ["CLEARLINE_GATEWAY_REGISTRY_URL", "CLEARLINE_REGISTRY_DATABASE_URL", "CLEARLINE_CUSTODIAN_LISTEN"]
)
def test_settings_in_the_environment_are_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.setenv(name, "https://registry.example")
    code, _, err = called(capsys, "demo", "--sandbox", "--var", str(tmp_path / "sandbox"))
    assert (code, err.count("\n")) == (1, 1)
    assert f"sandbox-environment: {name}" in err
    assert "registry.example" not in err
    assert not (tmp_path / "sandbox").exists()


def test_other_files_are_nobodys_to_take(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    assert refused(tmp_path / "mine") == "foreign-folder"


def test_a_first_start_that_was_interrupted_is_not_gone_on_with(tmp_path: Path) -> None:
    with own_folder(tmp_path / "sandbox", keep=True, kind=SANDBOX):
        pass
    refuse_real_keys(tmp_path / "sandbox")
    (tmp_path / "sandbox" / "half").write_text("")
    assert refused(tmp_path / "sandbox") == "unfinished"


def test_a_link_or_a_file_is_no_folder(var: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(var)
    assert refused(tmp_path / "link") == "no-folder"
    assert refused(var / "sandbox.json") == "no-folder"


def test_a_demonstration_and_a_sandbox_do_not_mix(var: Path, tmp_path: Path) -> None:
    demonstration = tmp_path / "demo"
    with own_folder(demonstration, keep=True):
        (demonstration / "registry.db").write_text("of the story")
    for place in (demonstration, demonstration / "within"):
        assert refused(place) == "demonstration"
    before = everything(var)
    for place in (var, var / "within"):
        with pytest.raises(Failure, match="the two do not mix"), own_folder(place, keep=False, kind=DEMONSTRATION):
            pass
    assert everything(var) == before
    refuse_real_keys(var)  # beside one another they may lie


@pytest.mark.parametrize("option", ["--keep", "--once", "--data=x", "--mappings=x", "--out=x", "--capture=x"])
def test_options_of_the_story_do_not_go_with_a_sandbox(capsys: pytest.CaptureFixture[str], option: str) -> None:
    code, _, err = called(capsys, "demo", "--sandbox", option)
    assert code == 2
    assert f"{option.partition('=')[0]} does not go with --sandbox" in err


def test_a_reset_belongs_to_a_sandbox(capsys: pytest.CaptureFixture[str]) -> None:
    assert called(capsys, "demo", "--reset")[0] == 2


@pytest.mark.parametrize("language", PAGES)
def test_the_pages_list_what_the_code_says(language: Language) -> None:
    page = (ROOT / "docs" / PAGES[language]).read_text(encoding="utf-8")
    assert with_table(page, language) == page, "run `python -m scripts.sandbox_page`"
    with pytest.raises(ValueError, match="the page needs"):
        with_table("no marks", language)


def test_there_is_an_identity_for_every_decision_that_is_given() -> None:
    given = {each.decision for each in IDENTITIES}
    assert given == {None, *DecisionCode} - {DecisionCode.DEPOSIT, DecisionCode.PREPAID_ONLY}
    assert {reason for each in IDENTITIES for reason in each.reasons} == set(ReasonCode) - {ReasonCode.LOW_GRADE}
    assert {each.act for each in IDENTITIES} == set(Act)
    assert {each.way for each in IDENTITIES} == set(Way)
    assert len({each.name for each in IDENTITIES}) == len(IDENTITIES)


def test_the_numbers_are_good_but_those_that_are_meant_not_to_be() -> None:
    for each in IDENTITIES:
        numbers = [each.number, *(debt.of for debt in each.debts if debt.of)]
        for number in numbers:
            if each.fault is None:
                assert parse_document(each.kind, number, issuer=each.issuer, today=TODAY).number == number
            else:
                with pytest.raises(InvalidDocument, match=each.fault):
                    parse_document(each.kind, number, issuer=each.issuer, today=TODAY)


def test_the_numbers_never_change_between_releases() -> None:
    said = json.dumps([(each.name, each.number, each.issuer) for each in IDENTITIES])
    assert hashlib.sha256(said.encode()).hexdigest() == NUMBERS


def test_an_announced_debt_blocks_nobody_before_the_sandbox_brings_itself_back() -> None:
    lead = DEFAULT_RULES.versions[0].listing.notice_lead_days
    [announced] = [each for each in IDENTITIES if each.name == "announced"]
    assert announced.debts[0].noticed_days + FRESH_DAYS < lead


@pytest.mark.parametrize(
    ("days", "is_told"), [(0, True), (FRESH_DAYS - 1, True), (FRESH_DAYS + 1, False), (-1, False), (None, False)]
)
def test_a_sandbox_goes_on_as_it_was_left_until_its_debts_are_too_old(
    tmp_path: Path, days: int | None, *, is_told: bool
) -> None:
    if days is not None:
        (tmp_path / "seeded").write_text(f"{format_time(system_clock() - dt.timedelta(days=days))}\n")
    assert is_fresh(tmp_path) is is_told
    forget_start(tmp_path)
    assert not is_fresh(tmp_path)


def test_a_table_has_a_row_for_each_identity() -> None:
    assert len(table(Language.EN).splitlines()) == len(IDENTITIES) + 2
