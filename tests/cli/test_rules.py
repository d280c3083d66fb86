"""The commands of the rules against a registry that listens: draft to show; and the terms that carriers set."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from protocol.beijing import beijing_date
from tests.support.commands import called, configured
from tests.support.registries import known
from tests.support.world import World


@pytest.fixture
def call(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Any, str]]:
    def run(*words: str, who: str = "operator") -> tuple[int, Any, str]:
        """Exit code, what was printed as JSON, and the line on standard error."""
        signed = ["--key", str(tmp_path / f"{who}.pem"), "--key-id", f"{who}-1"]
        code, out, err = called(capsys, "registry", "rules", *words, *known(world), *signed, "--json")
        return code, json.loads(out) if out else None, err

    return run


@pytest.fixture
def proposal(call: Callable[..., tuple[int, Any, str]], world: World, tmp_path: Path) -> Path:
    """What an operator does: print the rules in force, change a figure, give them a name and a date."""
    rules = call("show")[1]["rules"]
    effective_from = beijing_date(world.clock.now) + dt.timedelta(days=30)
    rules |= {"version": "next", "effective_from": effective_from.isoformat(), "plan_grace_days": 9}
    file = tmp_path / "next.json"
    file.write_text(json.dumps(rules, indent=2))
    return file


def test_one_proposes_another_approves_and_both_may_repeat_it(
    call: Callable[..., tuple[int, Any, str]], proposal: Path
) -> None:
    for _ in range(2):
        code, proposed, _ = call("propose", str(proposal))
        assert (code, proposed["state"]) == (0, "PROPOSED")
    for _ in range(2):
        code, approved, _ = call("approve", "next", "--sha256", proposed["sha256"], who="regulator")
        assert (code, approved["state"], approved["sha256"]) == (0, "APPROVED", proposed["sha256"])
    assert call("show", "next")[1] == approved
    assert call("show")[1]["rules"]["plan_grace_days"] == 5
    assert call("show", "--at", approved["rules"]["effective_from"])[1]["rules"]["plan_grace_days"] == 9


def test_an_operator_drafts_a_version_with_the_first_scorecard_and_proposes_it_as_printed(
    call: Callable[..., tuple[int, Any, str]], world: World, tmp_path: Path
) -> None:
    day = (beijing_date(world.clock.now) + dt.timedelta(days=30)).isoformat()
    before = call("show")[1]["rules"]
    code, drafted, _ = call("draft", "--version", "graded", "--from", day, "--with-grade")
    assert code == 0
    assert drafted == before | {"version": "graded", "effective_from": day, "grade": drafted["grade"]}
    assert drafted["grade"]["history_days"] == 180
    file = tmp_path / "graded.json"
    file.write_text(json.dumps(drafted))
    code, proposed, _ = call("propose", str(file))
    assert (code, proposed["state"]) == (0, "PROPOSED")
    call("approve", "graded", "--sha256", proposed["sha256"], who="regulator")
    later = (beijing_date(world.clock.now) + dt.timedelta(days=60)).isoformat()
    assert call("draft", "--version", "next", "--from", later)[1]["grade"] == drafted["grade"]
    code, _, err = call("draft", "--version", "next", "--from", later, "--with-grade")
    assert (code, "version graded of the rules has a scorecard" in err) == (1, True)


def test_a_refusal_of_the_registry_is_one_line_with_the_field(
    call: Callable[..., tuple[int, Any, str]], proposal: Path
) -> None:
    proposal.write_text(proposal.read_text().replace('"close_days": 20', '"close_days": 15'))
    code, _, err = call("propose", str(proposal))
    assert code == 1
    assert err == "clearline: the registry refused: invalid-field (422) [disputes.close_days: not-after-answer]\n"


def test_a_figure_beyond_its_bounds_is_refused_before_it_is_sent(
    call: Callable[..., tuple[int, Any, str]], proposal: Path
) -> None:
    proposal.write_text(proposal.read_text().replace('"daily_ppm": 3000', '"daily_ppm": 3001'))
    code, _, err = call("propose", str(proposal))
    fault = "a version of the rules is malformed [late_fee.daily_ppm: out-of-range]"
    assert (code, err) == (1, f"clearline: {proposal}: {fault}\n")


def test_a_wrong_date_and_two_questions_at_once_are_wrong_usage(call: Callable[..., tuple[int, Any, str]]) -> None:
    assert call("show", "--at", "2027-02-30")[0] == 2
    assert call("show", "2026-01", "--at", "2027-01-01")[0] == 2


def test_a_creditor_sets_and_shows_its_own_fee(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configured(world, tmp_path, "carrier-a")
    today = beijing_date(world.clock.now).isoformat()

    def terms(*words: str) -> Any:
        with pytest.raises(SystemExit) as end:
            main(["gateway", "terms", *words, "--config", str(config), "--json"])
        assert not end.value.code
        return json.loads(capsys.readouterr().out)

    given = terms("set", "--daily-ppm", "1000", "--cap-ppm", "500000", "--from", today)
    assert (given["daily_ppm"], given["effective_from"]) == (1_000, today)
    assert terms("show") == {"in_force": given, "terms": [given]}
    assert terms("show", "--at", "2026-01-01") == {"in_force": None, "terms": [given]}


def test_a_carrier_sets_and_shows_its_own_terms_for_low_grades(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configured(world, tmp_path, "carrier-a")
    figures = ["--service", "MOBILE", "--average-bill-fen", "12900", "--deposit-permille", "2000", "--use", "ADVISORY"]
    today = ["--from", beijing_date(world.clock.now).isoformat()]

    def terms(*words: str) -> tuple[Any, str, str]:
        with pytest.raises(SystemExit) as end:
            main(["gateway", "credit-terms", *words, "--config", str(config), "--json"])
        told = capsys.readouterr()
        return end.value.code, told.out, told.err

    code, given, _ = terms("set", *figures, *today, "--tariff", "5G-129", "--no-prepaid")
    assert (bool(code), json.loads(given)["tariff"], json.loads(given)["prepaid"]) == (False, "5G-129", False)
    assert json.loads(terms("show")[1]) == {"in_force": [json.loads(given)], "terms": [json.loads(given)]}
    assert json.loads(terms("show", "--at", "2026-01-01")[1])["in_force"] == []
    code, _, said = terms("set", *figures, *today, "--tariff", "5g", "--prepaid")
    assert (code, said) == (1, "clearline: the registry refused: invalid-field (422) [tariff: invalid]\n")
    assert terms("set", *figures, *today)[0] == 2
    # No low grade is left without a choice.
    code, _, said = terms("set", *figures, *today, "--use", "BINDING", "--no-prepaid")
    assert (code, said) == (1, "clearline: the registry refused: invalid-field (422) [use: leaves-no-alternative]\n")
