"""A registry that is killed in the middle of a group of inquiries loses none of them and answers none twice."""

import signal

from protocol.log_entries import EntryKind
from protocol.problems import Problem, Refusal
from registry.usecases.context import Outcome
from registry.usecases.inquiries.group import answer_group
from tests.support.inquiry_groups import kept_of
from tests.support.mass import logged
from tests.support.world import World
from tests.usecases.group_killing import PEOPLE, a_group
from tests.usecases.log.killing import killer


def test_killed_at_every_step_a_group_is_whole_or_not_there(world: World, founded_url: str) -> None:
    with killer("tests.usecases.group_killing", founded_url, world.registry.keys.peppers[1]) as killed:
        whole = killed(0, 0)
        assert (whole["signal"], whole["answered"]) == (0, len(PEOPLE))
        committed = 0
        for step in range(1, whole["step"] + 1):
            died = killed(step, step)
            assert (died["signal"], died["step"]) == (signal.SIGKILL, step)
            again = a_group(world, step)
            outcomes = answer_group(world.registry, again)
            # The server ends the dead one's statement first, and its transaction holds the keys until then.
            while any(isinstance(each, Refusal) and each.problem is Problem.IN_FLIGHT for each in outcomes):
                again = a_group(world, step)
                outcomes = answer_group(world.registry, again)
            replayed = {each.replayed for each in outcomes if isinstance(each, Outcome)}
            # All three were answered before the kill, or none of them; the sender's retry finds out which.
            assert len(outcomes) == len(PEOPLE)
            assert replayed == {died["name"] == "after COMMIT"}
            assert all(kept_of(world, again))
            committed += replayed == {True}
    assert committed == 1
    assert len(logged(world, EntryKind.INQUIRY)) == len(PEOPLE) * (whole["step"] + 1)
