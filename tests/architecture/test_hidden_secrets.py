"""No value of a room that handles keys shows one in its repr, and so none in a log, a traceback or an assertion."""

import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from crypto.oprf.threshold import deal
from custodian.share import HeldShare
from tests.architecture.rooms import SECRET_FIELDS
from tests.support.parties import held

ROOMS = ("crypto", "ceremony", "custodian", "registry")
NAMES = re.compile(
    r"(?:.*_)?(?:sk|secrets?|passphrases?|passwords?|peppers?|keks?|(?:private|signing|sealing|storage|encryption)_keys?"
    r"|seeds?|blinds?|scalars?|polynomials?|coefficients?|shares?)"
)
"""Names that speak of a secret; `SECRET_FIELDS` has those that a person's or an account's pseudonyms go by."""


def dataclasses_of(room: str) -> Iterator[type[Any]]:
    package = importlib.import_module(room)
    for found in pkgutil.walk_packages(package.__path__, f"{room}."):
        module = importlib.import_module(found.name)
        for value in vars(module).values():
            if isinstance(value, type) and dataclasses.is_dataclass(value) and value.__module__ == module.__name__:
                yield value


def holds_bytes(hint: Any) -> bool:
    """Tell whether a value of this type may hold bytes itself, and not only inside of another dataclass."""
    return (
        isinstance(hint, str)
        or hint in {bytes, bytearray, str, Any}
        or any(holds_bytes(part) for part in get_args(hint))
    )


def shown(kind: type[Any]) -> list[str]:
    """The fields of a dataclass whose name says that they are secret, and whose planted value its repr shows."""
    value = object.__new__(kind)
    hints = {field.name: field.type for field in dataclasses.fields(kind)}
    for name in hints:
        object.__setattr__(value, name, f"<planted {name}>")
    text = repr(value)
    return [
        f"{kind.__module__}.{kind.__qualname__}.{name}"
        for name in hints
        if (NAMES.fullmatch(name) or name in SECRET_FIELDS) and holds_bytes(hints[name]) and f"<planted {name}>" in text
    ]


@pytest.mark.parametrize("room", ROOMS)
def test_no_dataclass_shows_a_secret_in_its_repr(room: str) -> None:
    kinds = list(dataclasses_of(room))
    assert len(kinds) > 3
    assert [each for kind in kinds for each in shown(kind)] == []


def test_a_share_shows_what_is_public_and_nothing_else() -> None:
    dealing = deal(None, 2, 3, lambda count: b"\x07" * count)
    for value in (dealing, held(dealing, 1)):
        assert repr(dealing.shares[0].pk) in repr(value) + repr(dealing)
        assert all(repr(share.sk) not in repr(value) for share in dealing.shares)


def test_a_dataclass_that_shows_a_secret_is_found() -> None:
    @dataclasses.dataclass(frozen=True)
    class Careless:
        key_id: str
        former_shares: tuple[bytes, ...]
        share: HeldShare
        sealing_key: bytes = dataclasses.field(repr=False)

    assert [each.rpartition(".")[2] for each in shown(Careless)] == ["former_shares"]
