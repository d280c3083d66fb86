"""A value that is built faster is the same value."""

import dataclasses
import inspect
from typing import Any

import pytest

from protocol.messages.tokens import SubjectTokens
from protocol.values import quick


@quick
@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    left: int
    right: str = "r"

    def __post_init__(self) -> None:
        if self.left < 0:
            raise ValueError("negative")


def test_fields_defaults_and_equality_are_those_of_the_dataclass() -> None:
    assert (Pair(left=1).left, Pair(left=1).right) == (1, "r")
    assert Pair(left=1, right="x") == dataclasses.replace(Pair(left=1), right="x")
    assert hash(Pair(left=1)) == hash(Pair(left=1))


def test_it_stays_frozen() -> None:
    made: Any = Pair(left=1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.left = 2


def test_missing_unknown_and_positional_arguments_are_refused() -> None:
    make: Any = Pair
    with pytest.raises(TypeError):
        make()
    with pytest.raises(TypeError):
        make(left=1, other=2)
    with pytest.raises(TypeError):
        make(1)


def test_its_own_check_runs() -> None:
    with pytest.raises(ValueError, match="negative"):
        Pair(left=-1)


def test_a_message_keeps_its_signature() -> None:
    assert list(inspect.signature(SubjectTokens).parameters) == [
        each.name for each in dataclasses.fields(SubjectTokens)
    ]


def test_a_class_of_another_kind_is_refused() -> None:
    @dataclasses.dataclass(frozen=True, slots=True)
    class Positional:
        left: int

    @dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
    class Made:
        left: list[int] = dataclasses.field(default_factory=list)

    for kind in (Positional, Made):
        with pytest.raises(TypeError):
            quick(kind)
