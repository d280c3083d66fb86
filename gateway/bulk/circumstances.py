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
    body: dict[str, Any] = {name: text for name, text in _told(mapping, positions, cells).items() if text}
    for name in LABELLED.keys() & body.keys():
        body[name] = _code(mapping, name, body[name])
    if "port_in" in body:
        body["port_in"] = body["port_in"] == YesNo.YES
    if "lines" in body:
        body["lines"] = int(body["lines"]) if _NUMBER.fullmatch(body["lines"]) else 0
    reference = cells[positions["reference"]].strip()  # as the file of decisions repeats it
    return read_circumstances({"order": reference, **body}, reference, defaults)


def _told(mapping: FileMapping, positions: Mapping[str, int], cells: list[str]) -> dict[str, str]:
    told = {name: text_of_cell(cells[positions[name]]).strip() for name in CIRCUMSTANCES & positions.keys()}
    return dict(mapping.defaults) | {name: text for name, text in told.items() if text}


def _code(mapping: FileMapping, name: str, label: str) -> str:
    labels = mapping.labels.get(name) or {}
    if labels and label not in labels and label != mapping.defaults.get(name):
        raise invalid(name, "UNKNOWN_LABEL")
    if not labels and label not in set(LABELLED[name]):
        raise invalid(name, "UNKNOWN_LABEL")
    return str(labels.get(label, label))
