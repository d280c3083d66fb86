"""Writes the table of identities into docs/sandbox.md and its Chinese page; with --check it only compares."""

import sys
from pathlib import Path
from typing import Final

from cli.demo.sandbox_page import with_table
from gateway.counter.words import Language

DOCS: Final = Path(__file__).resolve().parents[1] / "docs"
PAGES: Final = {Language.EN: DOCS / "sandbox.md", Language.ZH: DOCS / "sandbox.zh-CN.md"}


def main() -> None:
    """Write the tables, or exit 1 where a page differs from the code."""
    stale = []
    for language, path in PAGES.items():
        before = path.read_text(encoding="utf-8")
        after = with_table(before, language)
        if after != before:
            stale.append(path.name)
            if "--check" not in sys.argv[1:]:
                path.write_text(after, encoding="utf-8")
    if stale and "--check" in sys.argv[1:]:
        sys.exit(f"differs from cli/demo/identities.py: {', '.join(stale)}; run `python -m scripts.sandbox_page`")


if __name__ == "__main__":
    main()
