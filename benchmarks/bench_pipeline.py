"""Measures the whole system's reports and checks: real processes, a fresh sample, beside the bare cryptography."""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "pipeline.json"


def main() -> None:
    """Make the sample, run the demonstration on it, keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=6000)
    parser.add_argument("--applicants", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", type=Path, default=RESULTS, help="where the figures go")
    options = parser.parse_args()
    load = round(os.getloadavg()[0], 2)  # under a high load wall times mean little
    with tempfile.TemporaryDirectory(prefix="clearline-bench-") as folder:
        sample, var = Path(folder) / "sample", Path(folder) / "var"
        size = ["--rows", str(options.rows), "--applicants", str(options.applicants), "--seed", str(options.seed)]
        _run([str(ROOT / "examples" / "make_sample.py"), str(sample), *size])
        _run(["-m", "cli", "demo", "--once", "--data", str(sample), "--var", str(var)])
        figures = json.loads((var / "figures.json").read_text(encoding="ascii"))
    whole = figures["whole"]
    print(
        f"whole: {whole['rows_per_second']:.0f} rows/s, {whole['elements_per_second']:.0f} elements/s, "
        f"wall {whole['wall_over_crypto']:.2f}x and CPU {whole['cpu_over_crypto'] or 0:.2f}x the bare cryptography"
    )
    machine: dict[str, object] = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
    }
    machine["load_before"] = load
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(figures | {"on": machine}, indent=2, sort_keys=True) + "\n", encoding="ascii")


def _run(arguments: list[str]) -> None:
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True)  # noqa: S603 (our own programs)


if __name__ == "__main__":
    main()
