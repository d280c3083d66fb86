"""Orders are checked again and reported from the command line, against a registry that listens."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from crypto.references import Named, References
from gateway.orders.book import OrderBook
from gateway.orders.values import KeptDecision
from protocol.codes import ServiceClass
from protocol.messages.inquiries import InquiryRequest
from protocol.states import HouseholdKeyState
from tests.support.builders import tokens
from tests.support.commands import called, configured
from tests.support.contexts import asks_in_order
from tests.support.exports import results
from tests.support.world import World

Call = Callable[..., tuple[int, str, str]]
ACCOUNT_KEY = bytes(range(32))


@pytest.fixture
def call(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    config = configured(world, tmp_path, "carrier-a")

    def run(*words: str, stdin: str = "") -> tuple[int, str, str]:
        (tmp_path / "stdin").write_text(stdin)
        with (tmp_path / "stdin").open() as file:
            monkeypatch.setattr("sys.stdin", file)
            return called(capsys, "gateway", *words, "--config", str(config), "--json")

    return run


@pytest.fixture
def asked(world: World, tmp_path: Path) -> None:
    """ORDER-1 and ORDER-2 were asked about, and their tokens are kept."""
    book, references = OrderBook(tmp_path / "orders.db"), References(ACCOUNT_KEY)
    for order in ("ORDER-1", "ORDER-2"):
        reference = references.of(Named.ORDER, order)
        request = InquiryRequest(inquiry_ref="1", tokens=tokens(order), service_class=ServiceClass.MOBILE)
        answer = asks_in_order(world, "carrier-a", request, reference)
        kept = KeptDecision(
            order=reference,
            inquiry_id=answer.inquiry_id,
            decision_token=answer.decision_token,
            decision=answer.decision,
            service_class=ServiceClass.MOBILE,
            lines=1,
            decided_at=answer.decided_at,
            valid_until=answer.valid_until,
            register_state=HouseholdKeyState.NOT_GIVEN,
            address_state=HouseholdKeyState.NOT_GIVEN,
        )
        book.keep([kept], now=world.clock())
    book.close()


def test_an_order_is_checked_again_and_reported(call: Call, asked: None) -> None:
    code, out, err = call("recheck", stdin='{"order": "ORDER-1"}')
    assert code == 0, err
    assert (json.loads(out)["decision"], json.loads(out)["changed"]) == ("ALLOW", False)
    told = '{"order": "ORDER-1", "outcome": "ACTIVATED"}'
    code, out, err = call("activate", stdin=told)
    assert code == 0, err
    first = json.loads(out)
    assert (first["basis"], first["obeyed"], first["revision"]) == ("CHECKED", "YES", 1)
    assert json.loads(call("activate", stdin=told)[1]) == first


def test_an_order_that_nobody_asked_about_is_one_line_without_its_number(call: Call) -> None:
    code, out, err = call("recheck", stdin='{"order": "SECRET-ORDER"}')
    assert (code, out) == (1, "")
    assert "order-unknown: no decision on this order is kept here" in err
    assert "SECRET" not in err


def test_a_file_of_outcomes_is_reported_and_the_rest_is_listed(
    call: Call, asked: None, world: World, tmp_path: Path
) -> None:
    source, out = tmp_path / "outcomes.csv", tmp_path / "verdicts.csv"
    at = f"{world.clock():%Y-%m-%dT%H:%M:%S.%fZ}"
    source.write_text(f"order,outcome,at\nORDER-1,ACTIVATED,{at}\nORDER-2,,\n")
    code, said, err = call("activate", str(source), "--out", str(out))
    assert code == 0, err
    counted = json.loads(said)
    assert (counted["rows"], counted["left_out"], counted["verdicts"]) == (1, 1, {"RECORDED": 1})
    assert [row[1:5] for row in results(out)[1:]] == [["ORDER-1", "1", "1", "RECORDED"]]
    code, said, err = call("activations", "--unreported", "--orders", str(source))
    assert code == 0, err
    assert [json.loads(each)["order"] for each in said.splitlines()] == ["ORDER-2"]
    assert "order" not in json.loads(call("activations", "--unreported")[1])


def test_a_file_of_which_nothing_was_taken_ends_with_1(call: Call, tmp_path: Path) -> None:
    source = tmp_path / "outcomes.csv"
    source.write_text("order,outcome,at\nSECRET,ACTIVATED,2026-11-21 12:00\n")
    code, _, err = call("activate", str(source), "--out", str(tmp_path / "verdicts.csv"))
    assert code == 1
    assert "nothing was reported: 1 of 1 outcomes were refused" in err
    assert "SECRET" not in err


@pytest.mark.parametrize(
    ("words", "stdin", "code", "reason"),
    [
        (("activate", "--restart"), "", 2, "--out and --restart go with a FILE"),
        (("activations",), "", 2, "--unreported"),
        (("activate",), '{"order": "1"}', 1, "[outcome: REQUIRED]"),
        (("recheck",), "{}", 1, "[order: REQUIRED]"),
    ],
)
def test_bad_input_is_named(call: Call, words: tuple[str, ...], stdin: str, code: int, reason: str) -> None:
    ended, out, err = call(*words, stdin=stdin)
    assert (ended, out) == (code, "")
    assert reason in err
