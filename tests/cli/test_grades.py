"""A person's review of a grade is told from the command line, against a registry that listens."""

import json
from pathlib import Path

import pytest

from crypto.references import Named, References
from gateway.orders.book import OrderBook
from protocol.encodings import format_time
from registry.policy.rules import RuleBook
from tests.support.commands import called, configured
from tests.support.grade_reviews import asks_about_low_grade
from tests.support.grades import GRADED
from tests.support.orders import a_decision
from tests.support.world import World

ACCOUNT_KEY = bytes(range(32))


@pytest.fixture
def founding_rules() -> RuleBook:
    return GRADED


def test_a_review_is_told_by_the_number_of_its_order(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = configured(world, tmp_path, "carrier-b")
    answer = asks_about_low_grade(world)
    kept = a_decision(
        order=References(ACCOUNT_KEY).of(Named.ORDER, "ORDER-1"),
        inquiry_id=answer.inquiry_id,
        decision_token=answer.decision_token,
        decision=answer.decision,
        decided_at=answer.decided_at,
    )
    book = OrderBook(tmp_path / "orders.db")
    book.keep([kept], now=world.clock())
    book.close()
    review = {"order": "ORDER-1", "outcome": "LIFTED", "reason": "HARDSHIP", "asked_at": format_time(answer.decided_at)}

    def tell(**people: str) -> tuple[int, str, str]:
        (tmp_path / "stdin").write_text(json.dumps(review | people))
        with (tmp_path / "stdin").open() as file:
            monkeypatch.setattr("sys.stdin", file)
            return called(capsys, "gateway", "grade-review", "--config", str(config), "--json")

    code, _, said = tell(agent="A-1", approved_by="A-1")
    assert (code, said) == (1, "clearline: the registry refused: same-person (422)\n")
    code, out, said = tell(agent="A-1", approved_by="B-2")
    assert code == 0, said
    told = json.loads(out)
    assert (told["outcome"], told["late"], told["inquiry_id"]) == ("LIFTED", False, str(answer.inquiry_id))
    assert tell(agent="A-1", approved_by="B-2") == (0, out, said)
    code, out, said = tell(approved_by="B-2")
    assert (code, out) == (1, "")
    assert "agent" in said
