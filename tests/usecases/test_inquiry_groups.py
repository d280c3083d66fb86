"""A group of inquiries in one transaction: each gets what it would get alone, and nobody pays for another."""

import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from protocol.codes import DecisionCode
from protocol.log_entries import EntryKind
from protocol.problems import Problem, Refusal
from registry.store.engines import Engines
from registry.store.transactions import Store, Transaction
from registry.usecases.context import Outcome
from registry.usecases.inquiries.group import MOST_RECORDS, Asked, answer_group
from registry.usecases.inquiries.inquire import inquire
from registry.usecases.participants.admit import revoke_key
from registry.usecases.together import Alone
from tests.support.builders import a_report, account, tokens
from tests.support.inquiry_groups import an_inquiry, kept_of
from tests.support.mass import logged
from tests.support.people import subject_key_of
from tests.support.red_list import operator
from tests.support.statement_counts import MOST_STATEMENTS, statements_of
from tests.support.stories import asks, lists
from tests.support.world import World, a_world, template_secrets

LI = tokens("li", register="home")


def answers(outcomes: Sequence[Outcome | Exception | Alone]) -> list[Any]:
    """Decisions, problems and what went alone."""
    return [
        json.loads(each.body)["decision"]
        if isinstance(each, Outcome)
        else each.problem.value.name
        if isinstance(each, Refusal)
        else each
        for each in outcomes
    ]


def told(outcome: Outcome | Exception | Alone) -> dict[str, Any]:
    assert isinstance(outcome, Outcome), outcome
    return dict(json.loads(outcome.body))


def test_each_is_answered_as_it_would_be_alone(world: World) -> None:
    lists(world, "carrier-a", a_report("wang", "A1", tokens=tokens("wang", register="home")))
    people = [tokens("wang"), LI, tokens("stranger"), tokens("wang")]
    alone = [asks(world, "carrier-b", each) for each in people]
    group = [
        an_inquiry(world, f"carrier-{who}", each, key=f"k{n}")
        for n, (who, each) in enumerate(zip("abcb", people, strict=True))
    ]
    together = answer_group(world.registry, group)
    assert answers(together) == [each.decision.value for each in alone]
    for one, other in zip(alone, map(told, together), strict=True):
        assert list(one.reasons) == other["reasons"]
        assert (one.quote is None) == (other.get("quote") is None)
        assert one.quote is None or one.quote.total_fen == other["quote"]["total_fen"]
    assert len({told(each)["inquiry_id"] for each in together}) == 4
    assert len(logged(world, EntryKind.INQUIRY)) == 8
    assert kept_of(world, group) == [True] * 4


def test_each_gets_its_own_answer_whatever_becomes_of_the_others(world: World) -> None:
    first = an_inquiry(world, "carrier-a", tokens("wang"), key="k1", nonce="n1")
    again = an_inquiry(world, "carrier-b", tokens("wang"), key="again")
    before = answer_group(world.registry, [first, again])
    revoke_key(world.registry, operator(world), world.call(), participant_id="carrier-c", key_id="carrier-c-1")
    group = [
        an_inquiry(world, "carrier-a", tokens("wang"), key="k2", nonce="n1"),  # the same nonce as before
        an_inquiry(world, "carrier-b", tokens("wang"), key="again"),  # the same request under a new nonce
        an_inquiry(world, "carrier-a", tokens("li"), key="k1", body=b"another"),
        an_inquiry(world, "carrier-a", tokens("li"), key="twice", nonce="n2"),
        an_inquiry(world, "carrier-a", tokens("li"), key="twice"),  # in flight beside the one before
        an_inquiry(world, "carrier-a", tokens("li"), key="k3", nonce="n2"),  # a nonce of this very group
        an_inquiry(world, "carrier-c", tokens("li"), key="k4"),  # a key that was revoked meanwhile
        an_inquiry(world, "carrier-b", tokens("zhao"), key="k5"),
    ]
    outcomes = answer_group(world.registry, group)
    assert answers(outcomes) == [
        "signature-replayed",
        "ALLOW",
        "idempotency-key-reused",
        "ALLOW",
        "in-flight",
        "signature-replayed",
        "key-unknown",
        "ALLOW",
    ]
    assert outcomes[1] == Outcome(status=201, body=before[1].body, replayed=True)
    # A refused request is kept as well, and its nonce used up; one that may not come in leaves nothing.
    assert kept_of(world, group) == [False, True, True, True, True, False, False, True]
    assert len(logged(world, EntryKind.INQUIRY)) == 4


@pytest.mark.parametrize("size", [1, 3])
def test_an_inquiry_or_a_group_is_one_commit_and_few_statements(
    founded_url: str, open_engines: Callable[..., Engines], size: int
) -> None:
    world = a_world(Store(open_engines(founded_url)), template_secrets())
    names = ["wang", "li", "zhao"][:size]
    for number in range(2):
        group = [an_inquiry(world, "carrier-b", tokens(name), key=f"{number} {name}") for name in names]
        with statements_of(world.registry.store) as seen:
            outcomes = answer_group(world.registry, group)
        assert answers(outcomes) == ["ALLOW"] * size
    assert seen.count("COMMIT") == 1
    sent = [each for each in seen if each not in ("BEGIN", "COMMIT")]
    assert len(sent) <= MOST_STATEMENTS[world.registry.store._engines.write.dialect.name]


def test_a_request_without_an_arrival_was_let_in_before(world: World) -> None:
    asked = an_inquiry(world, "carrier-a", tokens("wang"), key="k1")
    outcome = inquire(world.registry, world.actor("carrier-a"), world.call("k0"), asked.request)
    assert json.loads(outcome.body)["decision"] == "ALLOW"


def test_an_inquiry_about_a_large_firm_goes_alone_and_the_next_one_past_the_line(world: World) -> None:
    for number in range(3):
        lists(world, "carrier-a", a_report("firm", f"A{number}"))
    group = [an_inquiry(world, "carrier-b", tokens("firm"), key="k1"), an_inquiry(world, "carrier-b", LI, key="k2")]
    outcomes = answer_group(world.registry, group, most_records=2)
    assert answers(outcomes) == [Alone.ALONE, "ALLOW"]
    assert kept_of(world, group) == [False, True]
    assert world.registry.inquiries._is_apart(group[0].names.index_key)
    assert MOST_RECORDS == 200


@pytest.mark.parametrize("founded_url", ["postgresql"], indirect=True)  # SQLite has one writer, which holds everybody
def test_what_another_transaction_holds_is_not_waited_for(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    group = [an_inquiry(world, "carrier-b", tokens("wang"), key="k1"), an_inquiry(world, "carrier-b", LI, key="k2")]
    claimed = an_inquiry(world, "carrier-c", LI, key="k3")
    held, go_on, subject = threading.Event(), threading.Event(), subject_key_of(world.registry, tokens("wang"))

    def hold(tx: Transaction) -> None:
        tx.subjects.lock([subject])
        assert tx.idempotency.try_claim("carrier-c", "k3")
        held.set()
        assert go_on.wait(30)

    with ThreadPoolExecutor(1) as thread:
        holding = thread.submit(world.registry.store.write, hold)
        assert held.wait(30)
        outcomes = answer_group(world.registry, [*group, claimed])
        go_on.set()
        holding.result()
    assert answers(outcomes) == [Alone.ALONE, "ALLOW", "in-flight"]
    assert kept_of(world, [*group, claimed]) == [False, True, True]


def test_a_database_that_does_not_answer_refuses_all_of_them_and_none_is_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = Refusal(Problem.UNAVAILABLE)

    def silent(_work: object) -> None:
        raise refusal

    group = [an_inquiry(world, "carrier-b", tokens("wang"), key="k1"), an_inquiry(world, "carrier-b", LI, key="k2")]
    monkeypatch.setattr(type(world.registry.store), "write", lambda _store, work: silent(work))
    assert answer_group(world.registry, group) == [refusal, refusal]


def test_many_who_ask_at_once_are_each_answered_once(world: World) -> None:
    lists(world, "carrier-a", a_report("wang", "A1", account_ref=account("A1")))
    people = ["wang", *(f"person {number}" for number in range(7))] * 6
    asked = [
        an_inquiry(world, f"carrier-{'abc'[number % 3]}", tokens(name), key=f"k{number}")
        for number, name in enumerate(people)
    ]

    def ask(each: Asked) -> str:
        outcome = inquire(world.registry, each.actor, each.call, each.request)
        return str(json.loads(outcome.body)["decision"])

    with ThreadPoolExecutor(12) as threads:
        decisions = list(threads.map(ask, asked))
    assert decisions == [(DecisionCode.PAY_FIRST if name == "wang" else DecisionCode.ALLOW).value for name in people]
    assert len(logged(world, EntryKind.INQUIRY)) == len(people)
    assert all(kept_of(world, asked))
