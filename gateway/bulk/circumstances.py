"""Read the circumstances of a row of applicants: its cells, then the mapping's defaults, then those of the settings."""

import re
from collections.abc import Mapping
from typing import Any, Final

from gateway.bulk.mapping import LABELLED, FileMapping, YesNo
from gateway.identity.context import Circumstances, ContextDefaults
from gateway.local.circumstances import CIRCUMSTANCES, read_circumstances
from gateway.local.members import invalid
from protocol.table_cells import text_of_cell

_NUMBER: Final = re.compile("[0-9]{1,6}", re.ASCII)


def circumstances_of(
    mapping: FileMapping, positions: Mapping[str, int], cells: list[str], defaults: ContextDefaults
) -> Circumstances | None:
    """Read the circumstances; None where the mapping tells none. Raises Refusal, which names the member alone."""
    if not mapping.tells_circumstances:
        return None
    reference = cells[positions["reference"]].strip()  # as the file of decisions repeats it
    told = {name: text_of_cell(cells[positions[name]]).strip() for name in CIRCUMSTANCES & positions.keys()}
    body: dict[str, Any] = {**mapping.defaults, **{name: text for name, text in told.items() if text}}
    if "consent" in mapping.defaults and not told.get("consent"):
        body["consent"] = reference
    for name in LABELLED.keys() & body.keys():
        body[name] = _code(mapping, name, body[name])
    if "port_in" in body:
        body["port_in"] = body["port_in"] == YesNo.YES
    if "lines" in body:
        body["lines"] = int(body["lines"]) if _NUMBER.fullmatch(body["lines"]) else 0
    return read_circumstances(body | {"order": reference}, reference, defaults)


def _code(mapping: FileMapping, name: str, label: str) -> str:
    labels = mapping.labels.get(name) or {}
    if labels and label not in labels and label != mapping.defaults.get(name):
        raise invalid(name, "UNKNOWN_LABEL")
    if not labels and label not in set(LABELLED[name]):
        raise invalid(name, "UNKNOWN_LABEL")
    return str(labels.get(label, label))
