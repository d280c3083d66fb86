"""Everything that a finished demonstration left behind."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A finished demonstration, and the files that it left."""

    var: Path
    out: Path
    capture: Path
    ended: "subprocess.CompletedProcess[str]"

    @property
    def truth(self) -> Path:
        """The folder with the sample and what is true of it."""
        return self.var / "sample"
