"""A clerk lists the deposits that are held, with the numbers of their orders, and gives one back."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from crypto.references import Named, References
from protocol.activations import ActivationOutcome
from protocol.codes import ServiceClass
from protocol.messages.inquiries import InquiryRequest
from tests.support.activations import a_report_on, tells
from tests.support.builders import tokens
from tests.support.commands import called, configured
from tests.support.contexts import asks_in_order
from tests.support.world import World

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    config = configured(world, tmp_path, "carrier-a")
    return lambda *words: called(capsys, "gateway", "deposit", *words, "--config", str(config), "--json")


def test_a_deposit_is_listed_and_given_back(world: World, call: Call, tmp_path: Path) -> None:
    order = References(bytes(range(32))).of(Named.ORDER, "ORDER-1")
    request = InquiryRequest(inquiry_ref="1", tokens=tokens("zhou"), service_class=ServiceClass.MOBILE)
    answer = asks_in_order(world, "carrier-a", request, order)
    report = replace(a_report_on(world, answer, ActivationOutcome.DEPOSIT_TAKEN), deposit_fen=118_00)
    activation_id = str(tells(world, "carrier-a", report).activation_id)
    (tmp_path / "decisions.csv").write_text("order\nORDER-0\nORDER-1\n")
    status, out, _ = call("list", "--orders", str(tmp_path / "decisions.csv"))
    (held,) = json.loads(out)["deposits"]
    assert (status, held["activation_id"], held["number"]) == (0, activation_id, "ORDER-1")
    assert "number" not in json.loads(call("list")[1])["deposits"][0]
    part = [call("return", activation_id, "--fen", "1800") for _ in range(2)]
    assert part[0] == part[1]
    assert json.loads(part[0][1])["left_fen"] == 100_00
    status, out, err = call("return", activation_id, "--fen", "0", "--kept", "1")
    assert (status, out) == (1, "")
    assert "service-not-ended" in err
    day = held["taken_on"]
    status, out, _ = call("return", activation_id, "--fen", "0", "--kept", "10000", "--on", day, "--service-ended", day)
    assert (status, json.loads(out)["state"]) == (0, "RETURNED")
    assert json.loads(call("list")[1])["deposits"] == []
