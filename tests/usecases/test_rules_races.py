"""Two who change the rules at the same moment, on both databases: the book stays a book."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from protocol.codes import Role
from protocol.problems import Refusal
from registry.usecases.rules.read import published_rules
from tests.support.api import admit
from tests.support.rules import a_version, approved, proposed
from tests.support.world import World

AT_ONCE = 6


@pytest.fixture(autouse=True)
def regulator(world: World) -> None:
    """Somebody else than the operator."""
    admit(world, "regulator", Role.REGULATOR)


def approval(world: World, version: str) -> str:
    try:
        return str(approved(world, version)["state"])
    except Refusal as refusal:
        return refusal.problem.value.name


@pytest.mark.parametrize("names", [["one"] * AT_ONCE, ["one", "two", "three"]], ids=["one version", "one day"])
def test_versions_approved_at_once_for_one_day_are_one_version(world: World, names: list[str]) -> None:
    for name in sorted(set(names)):
        proposed(world, a_version(name))
    with ThreadPoolExecutor(len(names)) as threads:
        outcomes = sorted(threads.map(lambda name: approval(world, name), names))
    refused = "already-exists" if len(set(names)) == 1 else "edge-not-allowed"
    assert outcomes == ["APPROVED", *[refused] * (len(names) - 1)]
    assert len(published_rules(world.registry, None).versions) == 2
