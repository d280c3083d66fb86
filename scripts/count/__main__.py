"""Count the product's files, spellings and walks, and print them beside those of an earlier revision."""

import argparse
import json
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Final

from scripts.count.figures import Figures, measure
from scripts.count.source import PACKAGES
from scripts.count.table import lists, tables

_ROOT: Final = Path(__file__).resolve().parents[2]
_BEFORE: Final = Path(__file__).with_name("before.json")


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make count", description=__doc__)
    parser.add_argument("--against", type=Path, metavar="FILE", default=_BEFORE, help="compare with these figures")
    parser.add_argument("--record", type=Path, metavar="FILE", help="write the figures instead of printing them")
    parser.add_argument("--list", action="store_true", help="list the modules, methods and files behind the figures")
    parser.add_argument("--no-walks", action="store_true", help="read the source only; trace nothing")
    return parser.parse_args()


def _revision(root: Path) -> str:
    """Name the commit that last changed the product, with a plus sign where the tree differs from it."""
    packages = [name for name in PACKAGES if (root / name).is_dir()]
    commit = _git(root, "log", "-1", "--format=%h", "--", *packages)
    return commit + ("+" if _git(root, "status", "--porcelain", "--", *packages) else "")


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _load(path: Path) -> Figures:
    return Figures(**json.loads(path.read_text(encoding="utf-8")))


def main() -> None:
    """Measure this tree, then record or compare."""
    options = _read_options()
    figures = measure(_ROOT, revision=_revision(_ROOT), walked=not options.no_walks)
    if options.record is not None:
        recorded = {name: value for name, value in asdict(figures).items() if name != "lists"}
        options.record.write_text(json.dumps(recorded, indent=2) + "\n", encoding="utf-8")
        return
    print(tables(_load(options.against), figures))
    if options.list:
        print("\n" + lists(figures))


if __name__ == "__main__":
    main()
