"""The filters of `clearline audit entries`: their options, and the conditions that they make."""

import datetime as dt
import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import click

from auditlog.audit.entry_filter import EntryFilter
from protocol.activations import ActivationOutcome, Basis
from protocol.beijing import BEIJING
from protocol.codes import DecisionCode, DisputeOutcome
from protocol.context import Channel, Purpose
from protocol.encodings import EARLIEST_MOMENT, MOMENTS_END
from protocol.log_entries import EntryKind
from protocol.names import PARTICIPANT_ID, PLACE_CODE

_Command = Callable[..., Any]
_REFERENCE: Final = "[A-Za-z0-9_-]{21}[AQgw]"
"""16 bytes in base64url."""
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_CODED: Final[Mapping[str, tuple[type[StrEnum], ...]]] = {
    "purpose": (Purpose,),
    "channel": (Channel,),
    "decision": (DecisionCode,),
    "outcome": (ActivationOutcome, DisputeOutcome),
    "basis": (Basis,),
}
_WRITTEN: Final[Mapping[str, str]] = {"outlet": PLACE_CODE, "dealer": PLACE_CODE, "agent": _REFERENCE}
_MEANING: Final[Mapping[str, str]] = {
    "purpose": "Only inquiries for this purpose.",
    "channel": "Only what came this way.",
    "decision": "Only inquiries and re-checks with this answer, and activations on it.",
    "outcome": "Only activations, and disputes, that ended so.",
    "basis": "Only activations on this ground.",
    "outlet": "Only from this outlet, by its carrier's code.",
    "dealer": "Only by this dealer, by the carrier's code.",
    "agent": "Only by this clerk: the keyed reference, as a line shows it.",
}


class MomentParam(click.ParamType[dt.datetime]):
    """A moment: a date is its beginning in Beijing, a time has an offset."""

    name = "date or time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.datetime:
        moment = _moment(str(value))
        if moment is None or not EARLIEST_MOMENT <= moment < MOMENTS_END:
            self.fail("not-a-time: neither a date such as 2026-11-29 nor a time such as 2026-11-29T08:00Z", param, ctx)
        return moment


class WrittenParam(click.ParamType[str]):
    """A text of an agreed form."""

    name = "code"

    def __init__(self, form: str) -> None:
        self._form = re.compile(form)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if self._form.fullmatch(str(value)) is None:
            self.fail(f"not-of-the-form: {self._form.pattern}", param, ctx)
        return str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The conditions without the people, and the entries whose people are asked for."""

    conditions: EntryFilter
    like: tuple[UUID, ...]


def filter_options(command: _Command) -> _Command:
    """All filters, given to the command as ``asked``."""

    @functools.wraps(command)
    def with_filters(*, kind: tuple[str, ...], by: tuple[str, ...], night: bool, **given: Any) -> Any:
        facts = {name: frozenset(given.pop(name)) for name in (*_CODED, *_WRITTEN)}
        since, until = given.pop("since"), given.pop("until")
        if since is not None and until is not None and since >= until:
            raise click.UsageError("--until: not-after-since: it is not later than --since")
        conditions = EntryFilter(
            kinds=frozenset(kind),
            by=frozenset(by),
            since=since,
            until=until,
            is_at_night=night,
            facts={name: values for name, values in facts.items() if values},
        )
        return command(asked=Asked(conditions=conditions, like=given.pop("like_entry")), **given)

    taken: _Command = with_filters
    for add in reversed(_options()):
        taken = add(taken)
    return taken


def limited_to(asked: Asked, *, subjects: frozenset[str], own: str | None) -> EntryFilter:
    """Complete the conditions by the people that the given entries are about, and by a reader of its own entries."""
    conditions = replace(asked.conditions, subjects=subjects)
    return conditions if own is None else replace(conditions, by=frozenset({own}))


def _options() -> list[Callable[[_Command], _Command]]:
    several = functools.partial(click.option, multiple=True)
    return [
        several(
            "--kind",
            type=click.Choice(_words((EntryKind,))),
            metavar="KIND",
            help="Only this kind; a wrong word lists them.",
        ),
        several("--by", type=WrittenParam(PARTICIPANT_ID), help="Only this participant's; the clock's: registry."),
        click.option("--since", type=MomentParam(), help="Not before. A date begins at 00:00 in Beijing."),
        click.option("--until", type=MomentParam(), help="Before this date (as it begins in Beijing) or time."),
        click.option("--night", is_flag=True, help="Only between 22:00 and 07:00 in Beijing."),
        *(
            several(f"--{name}", type=click.Choice(_words(codes)), help=_MEANING[name])
            for name, codes in _CODED.items()
        ),
        *(several(f"--{name}", callback=_of_the_form, help=_MEANING[name]) for name in _WRITTEN),
        several("--like-entry", type=click.UUID, help="Only about the person of this entry."),
    ]


def _of_the_form(context: click.Context, option: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    form = WrittenParam(_WRITTEN[str(option.name)])
    return tuple(form.convert(text, option, context) for text in given)


def _moment(text: str) -> dt.datetime | None:
    try:
        if _DAY.fullmatch(text):
            return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(tzinfo=BEIJING))
        return dt.datetime.fromisoformat(text) if _TIME.fullmatch(text) else None
    except ValueError:
        return None


def _words(codes: Iterable[type[StrEnum]]) -> list[str]:
    return list(dict.fromkeys(word.value for vocabulary in codes for word in vocabulary))
