"""Everything that a finished demonstration left behind."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a finished demonstration left behind."""

    var: Path
    out: Path
    capture: Path
    ended: "subprocess.CompletedProcess[str]"

    @property
    def truth(self) -> Path:
        """The folder with the sample and what is true of it."""
        return self.var / "sample"
