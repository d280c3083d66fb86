"""The documents and the repository agree: pictures, tables, commands and links."""

import re
from pathlib import Path

from tests.architecture.rooms import ROOMS, UNITS
from tests.support.cells import every_cell
from tests.support.root import ROOT

NOT_IN_THE_PICTURE = {"var", "build", "dist"}
DOCUMENTS = sorted(
    path.relative_to(ROOT)
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    if not path.is_relative_to(ROOT / ".venv")
)


def folders_in_the_picture(text: str) -> set[str]:
    """The names at the start of a line that end in a slash, in the block below the heading "The house"."""
    block = text.split("## The house", 1)[1].split("```")[1]
    return set(re.findall(r"^([a-z_]+)/", block, re.MULTILINE))


def dead_links(path: Path, text: str) -> list[str]:
    """Relative link targets that do not exist."""
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)[^)]*\)", text)
    return [target for target in targets if not (ROOT / path).parent.joinpath(target).exists()]


def table_of_rooms(text: str) -> dict[str, set[str]]:
    """The import table of the architecture page: room to what it may import."""
    section = text.split("## Who may import whom", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| `([a-z.]+)` \|(.*)\|$", section, re.MULTILINE)
    return {room: set(re.findall(r"`([a-z.]+)`", cells)) for room, cells in rows}


def targets_named(text: str) -> set[str]:
    """Every make target that a text tells the reader to run."""
    return set(re.findall(r"\bmake ([a-z]+)\b", " ".join(re.findall(r"`[^`]+`|```.+?```", text, re.DOTALL))))


def test_the_picture_of_the_house_shows_the_folders_that_there_are() -> None:
    shown = folders_in_the_picture((ROOT / "README.md").read_text())
    there = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name.isidentifier()}
    caches = {name for name in there if name.startswith("_") or name.endswith("egg-info")}
    assert shown == there - caches - NOT_IN_THE_PICTURE


def test_a_picture_that_leaves_a_folder_out_is_found() -> None:
    assert folders_in_the_picture("## The house\n```\na/  x\nb/  y/z\n```\n") == {"a", "b"}


def test_the_import_table_of_the_page_is_the_one_that_is_checked() -> None:
    shown = table_of_rooms((ROOT / "docs/architecture.md").read_text())
    assert shown == {room.name: set(room.imports) for room in ROOMS if room.name in shown}
    assert set(UNITS) - {"cli", "migrations", "registry"} <= set(shown)


def test_every_relative_link_leads_somewhere() -> None:
    with every_cell() as table:
        for path in DOCUMENTS:
            with table.cell(path):
                assert dead_links(path, (ROOT / path).read_text()) == []


def test_a_dead_link_is_found() -> None:
    assert dead_links(Path("README.md"), "[x](docs/none.md) and [y](Makefile)") == ["docs/none.md"]


def test_every_make_target_that_a_page_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    with every_cell() as table:
        for path in DOCUMENTS:
            with table.cell(path):
                assert targets_named((ROOT / path).read_text()) <= targets


def test_each_story_of_the_page_of_complaints_is_told() -> None:
    named = re.findall(r"`(tests/[a-z_/]+\.py)::(test_[a-z0-9_]+)`", (ROOT / "docs" / "stories.md").read_text())
    assert len(named) > 9
    for path, name in named:
        assert f"\ndef {name}(" in (ROOT / path).read_text(encoding="utf-8"), f"{path}::{name}"
