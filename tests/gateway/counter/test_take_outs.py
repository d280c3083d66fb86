"""A carrier's gateway reads and confirms the registry's bound on take-outs."""

import pytest

from client.errors import RegistryRefused
from client.resources.records import read_take_outs
from gateway.counter.take_outs import confirm_take_outs
from gateway.gateway import Gateway
from protocol.problems import Problem
from tests.support.take_outs import takes_out
from tests.support.world import World


def test_a_gateway_reads_the_day_and_confirms_rows_of_another_key(gateway: Gateway, world: World) -> None:
    takes_out(world, 25, key=2)
    assert read_take_outs(gateway.registry).held == 5
    confirmed = confirm_take_outs(gateway.registry, 5)
    assert (confirmed.held, confirmed.confirmation.unused) == (0, 5)
    assert takes_out(world, 5, key=2) == (5, 0)
    with pytest.raises(RegistryRefused) as refused:
        confirm_take_outs(gateway.registry, 5)
    assert refused.value.problem == Problem.INVALID_FIELD.value.name
