"""The carrier's own words: which document, service, channel and offering they stand for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from protocol.alternatives import AlternativeKind
from protocol.codes import ServiceClass
from protocol.context import Channel
from protocol.identifiers import DocumentKind
from serving.settings import Table

MOST_OF_AN_OFFERING: Final = 64
_Code = TypeVar("_Code", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class TmfTables:
    """[tmf] of the settings."""

    identifications: Mapping[str, DocumentKind]
    """Types of identification, as the carrier's systems write them."""
    offerings: Mapping[str, ServiceClass]
    """Ids of product offerings that are asked about."""
    channels: Mapping[str, Channel]
    """Names of sales channels."""
    prepaid: Mapping[ServiceClass, str]
    """The offering that stands for a prepaid line instead."""
    deposit: Mapping[ServiceClass, str]
    """The offering that stands for the service with a deposit."""

    def offering(self, kind: str, service_class: ServiceClass) -> str | None:
        """Return the offering that stands for an alternative; None where the carrier has none."""
        proposals = {AlternativeKind.PREPAID_ONLY: self.prepaid, AlternativeKind.DEPOSIT: self.deposit}
        found = proposals.get(AlternativeKind(kind)) if kind in list(AlternativeKind) else None
        return None if found is None else found.get(service_class)


def read_tables(tmf: Table) -> TmfTables:
    """Read the tables; raises SettingsError."""
    offerings = _coded(tmf, "offerings", ServiceClass)
    prepaid, deposit = _alternates(tmf, "prepaid"), _alternates(tmf, "deposit")
    for service_class, offering in deposit.items():
        # An order for it is told otherwise than one for the plain offering, so that they have to be two.
        if offering in offerings or offering in prepaid.values():
            raise tmf.wrong(f"deposit.{service_class}", "must be an offering of its own")
    tables = TmfTables(
        identifications=_coded(tmf, "identifications", DocumentKind),
        offerings=offerings,
        channels=_coded(tmf, "channels", Channel),
        prepaid=prepaid,
        deposit=deposit,
    )
    for name, table in (("identifications", tables.identifications), ("offerings", tables.offerings)):
        if not table:
            raise tmf.wrong(name, "must have at least one entry")
    return tables


def _coded(tmf: Table, name: str, vocabulary: type[_Code]) -> dict[str, _Code]:
    return {word: _code(tmf, f"{name}.{word}", text, vocabulary) for word, text in _words(tmf, name)}


def _alternates(tmf: Table, name: str) -> dict[ServiceClass, str]:
    found = {_code(tmf, name, word, ServiceClass): text for word, text in tmf.words(name).items()}
    for service_class, offering in found.items():
        _check_length(tmf, f"{name}.{service_class}", offering)
    return found


def _words(tmf: Table, name: str) -> list[tuple[str, str]]:
    entries = list(tmf.words(name).items())
    for word, _ in entries:
        _check_length(tmf, name, word)
    return entries


def _code(tmf: Table, key: str, text: str, vocabulary: Callable[[str], _Code]) -> _Code:
    try:
        return vocabulary(text)
    except ValueError:
        known = ", ".join(each.value for each in vocabulary)  # type: ignore[attr-defined]
        raise tmf.wrong(key, f"must be one of {known}") from None


def _check_length(tmf: Table, key: str, word: str) -> None:
    if not 1 <= len(word) <= MOST_OF_AN_OFFERING or not word.isprintable():
        raise tmf.wrong(key, f"must have words of 1 to {MOST_OF_AN_OFFERING} printable characters")
