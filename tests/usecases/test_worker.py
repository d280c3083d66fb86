"""The worker's threads: none of them ends without the whole process saying so."""

import threading

import pytest

from registry.work.worker import WorkEnded, beside


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_work_that_ends_by_a_mistake_stops_all_the_rest_and_is_named() -> None:
    stop, others = threading.Event(), []

    def broken() -> None:
        raise KeyError("nobody expected this")

    def steady() -> None:
        others.append(stop.wait(30))

    works = {"deliveries": broken, "integrator": steady}
    with pytest.raises(WorkEnded, match=r"^ended by itself: deliveries$"), beside(stop, works):
        others.append(stop.wait(30))
    assert others == [True, True]


def test_who_is_stopped_waits_for_the_work_and_says_nothing() -> None:
    stop, done = threading.Event(), []
    with beside(stop, {"integrator": lambda: done.append(stop.wait(30))}):
        assert done == []
    assert done == [True]
    assert stop.is_set()


def test_a_mistake_of_the_clock_itself_stops_the_work_and_passes_through() -> None:
    stop, done = threading.Event(), []
    with pytest.raises(KeyError), beside(stop, {"integrator": lambda: done.append(stop.wait(30))}):
        raise KeyError("nobody expected this")
    assert done == [True]
