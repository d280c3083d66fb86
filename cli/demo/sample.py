"""Makes the demonstration's own input: three carriers' exports and applicants, dated for today."""

import datetime as dt
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from cli.demo.plan import EXAMPLES
from cli.outcome import Failure
from protocol.beijing import beijing_date

FOLDER: Final = "sample"
SEED: Final = 7
ROWS: Final = 1500
APPLICANTS: Final = 500
_MAKER: Final = EXAMPLES / "make_sample.py"


def make_sample(folder: Path, now: dt.datetime) -> Path:
    """Write the sample of today's Beijing date into ``folder``, whole or not at all. The people are always the same."""
    if not _MAKER.is_file():
        raise Failure(f"{_MAKER}: is missing; outside a checkout the demonstration needs --data and --mappings")
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    figures = {"seed": str(SEED), "rows": str(ROWS), "applicants": str(APPLICANTS)}
    figures["as-of"] = beijing_date(now).isoformat()
    options = [word for name, value in figures.items() for word in (f"--{name}", value)]
    subprocess.run([sys.executable, str(_MAKER), str(fresh), *options], check=True)  # noqa: S603 (our own program)
    fresh.chmod(0o700)
    fresh.rename(folder)
    return folder
