"""Keep the facts that a run found about its rows before it sent the first, so that it resumes with the same plan.

An interrupted run sends the same rows under the same name again. The refused rows that are sent depend on
the open records, and the run itself closes some: so they are chosen once. Only row numbers are in the file.
"""

import json
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from gateway.bulk.progress import batch_key, digest_of
from gateway.errors import OutputOfAnotherInput
from protocol import strict_json
from serving.files import write_durably

_MAX_BYTES: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """Row numbers from 1, in order: the registry hears of ``refused`` rows, ``repeated`` ones name an account again.

    ``nameless`` counts rows without an account that can be read; ``follows`` tells that unchanged rows of an earlier
    run may be confirmed, whose chunks have names of their own.
    """

    run: str
    chunk_rows: int
    refused: tuple[int, ...] = ()
    repeated: tuple[int, ...] = ()
    nameless: int = 0
    follows: bool = False
    told: frozenset[int] = field(init=False, repr=False, compare=False)
    passed_over: frozenset[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "told", frozenset(self.refused))
        object.__setattr__(self, "passed_over", frozenset(self.repeated))

    def also_told(self, earlier: "RunPlan") -> "RunPlan":
        """Add the rows that an earlier plan of the run sent, so that chunks keep their names where possible."""
        told = tuple(sorted({*self.refused, *earlier.refused}))
        return replace(self, refused=told)

    def batch_key(self, number: int) -> str:
        """Name a chunk of the run; its refused rows enter the name, since another run may send others."""
        first, last = number * self.chunk_rows, (number + 1) * self.chunk_rows
        told = self.refused[bisect_right(self.refused, first) : bisect_right(self.refused, last)]
        return digest_of(self.run, str(number), *map(str, told)) if told else batch_key(self.run, number)

    def batch_keys(self, number: int) -> tuple[str, ...]:
        """List the names that a chunk may have at the registry."""
        key = self.batch_key(number)
        return (key, rest_key(key)) if self.follows else (key,)


def rest_key(key: str) -> str:
    """Name the batch of a chunk that lacks the confirmed rows: it has other rows than the whole chunk."""
    return digest_of(key, "rest")


def key_under(key: str, incarnation: int) -> str:
    """Name a chunk anew for a restored registry that knows the name with other rows, judged on another day."""
    return digest_of(key, "incarnation", str(incarnation))


def write_plan(output: Path, plan: RunPlan) -> None:
    """Keep the plan beside the output, durably, before the run begins; only its owner can read it."""
    document: dict[str, Any] = {"run": plan.run, "chunk_rows": plan.chunk_rows}
    document |= {"refused": plan.refused, "repeated": plan.repeated}
    if plan.follows:
        document |= {"follows": True, "nameless": plan.nameless}
    write_durably(plan_of(output), json.dumps(document).encode("ascii") + b"\n")


def read_plan(output: Path) -> RunPlan | None:
    """Read the plan beside an output; None where there is none: a run of an earlier release had no plan."""
    path = plan_of(output)
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return _plan(strict_json.load_object(raw, max_bytes=_MAX_BYTES))
    except (strict_json.StrictJsonError, KeyError, TypeError, ValueError):
        raise OutputOfAnotherInput(f"{path}: is no plan of a run; --restart begins again") from None


def plan_of(output: Path) -> Path:
    """Return the path of the plan of the run behind an output."""
    return output.with_name(output.name + ".plan")


def _plan(document: dict[str, Any]) -> RunPlan:
    return RunPlan(
        run=str(document["run"]),
        chunk_rows=_number(document["chunk_rows"]),
        refused=_numbers(document["refused"]),
        repeated=_numbers(document["repeated"]),
        nameless=_count(document.get("nameless", 0)),
        follows=document.get("follows", False) is True,
    )


def _numbers(values: Iterable[Any]) -> tuple[int, ...]:
    return tuple(sorted(map(_number, values)))


def _number(value: Any) -> int:
    if _count(value) < 1:
        raise ValueError
    return int(value)


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError
    return value
