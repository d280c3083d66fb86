"""The result of a run over a file, whatever it sends: counts of rows by code, and how the run came to them."""

from dataclasses import dataclass
from typing import Final

REFUSED: Final = "REJ_"
"""Each code of a refused row begins so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """The result of a run: ``verdicts`` counts the ``rows`` that were sent or judged here by code, in ``seconds``."""

    rows: int
    verdicts: dict[str, int]
    seconds: float
    resumed_from_row: int
    """Rows that an earlier, interrupted run had done already; 0 for a run from the start."""
    sent_again: bool = False
    """The registry was restored since the rows were sent, so that each was sent once more."""

    @property
    def all_refused(self) -> bool:
        """Tell whether there were rows and each was refused: then the run did nothing."""
        return self.rows > 0 and all(code.startswith(REFUSED) for code in self.verdicts)
