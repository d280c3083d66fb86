"""Custodians die before each of their writes, or find their disk full, and go on from what is written."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from protocol.messages.ceremonies import CeremonyKind, Proposal
from tests.support.dying import Killed, dying, full
from tests.support.holders import Hall, hall

NEW = {"custodian-2": 1, "custodian-3": 2, "custodian-4": 3}
STORIES: dict[CeremonyKind, tuple[tuple[int, ...], Callable[[Hall], Proposal]]] = {
    CeremonyKind.GENESIS: ((1, 2, 3), lambda four: four.genesis(1, 2, 3, epoch=2)),
    CeremonyKind.REFRESH: ((1, 2, 3), lambda four: four.propose(1, CeremonyKind.REFRESH)),
    CeremonyKind.RESHARING: ((1, 2, 3, 4), lambda four: four.propose(1, CeremonyKind.RESHARING, members=NEW)),
}


@pytest.fixture
def four(tmp_path: Path) -> Iterator[Hall]:
    with hall(tmp_path, 4) as custodians:
        custodians.form(custodians.genesis(1, 2, 3), 1, 2, 3)
        yield custodians


def consent(custodians: Hall, proposal: Proposal, number: int, failure: type[BaseException]) -> None:
    while True:
        try:
            custodians.consent(proposal, number)
        except failure:
            continue
        return


@pytest.mark.parametrize("kind", CeremonyKind)
@pytest.mark.parametrize(("trap", "failure"), [(dying, Killed), (full, OSError)], ids=["killed", "full disk"])
def test_parties_that_fail_before_each_write_go_on_by_themselves(
    four: Hall, kind: CeremonyKind, trap: Callable[..., Any], failure: type[BaseException]
) -> None:
    token = four.token(1, 1, 2)
    parties, story = STORIES[kind]
    proposal = story(four)
    with trap(*(four[number].folder for number in parties)) as sprung:
        for number in parties:
            consent(four, proposal, number, failure)
        root = four.consent(proposal)
        outcomes = four.hold(root, *parties, rounds=60, surviving=failure)
    formed = four.agreed(outcomes, *parties)
    assert formed.ceremony == root
    assert len(sprung.sprung) > 20 * len(parties)
    for number in parties:
        # Nobody was shown two steps in one place, and nobody was named.
        assert list(four[number].folder.rglob("other.*")) == []
        assert list(four[number].folder.rglob("secrets*")) == []
    # Whoever asks in the meantime, and afterwards, gets the same answer.
    assert four.token(1, 1, 2) == token
    if kind is not CeremonyKind.GENESIS:
        assert four.token(2, 2, 3) == token
