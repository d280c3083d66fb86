"""Takes numbers of people out of a line that is shown, and leaves paths, ids and moments as they are.

Nothing of ours puts an identity number into a message; this catches one that came another way, such as a number in a
file's name. A line must name a file exactly, or the person on duty looks for a file that does not exist.
"""

import re
from typing import Final

_MASK: Final = "[number]"
_WORD: Final = re.compile(r"[^\s'\"`()\[\]{}<>,;]+")
"""A word without blanks: a path, an id, a number; punctuation that no path has is left out."""
_LONG: Final = re.compile(r"\d{12,}[\dXx]*")
_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_DIGEST: Final = re.compile(r"(?<![0-9A-Za-z])(?=[0-9]*[a-f])[0-9a-f]{16,}(?![0-9A-Za-z])")
_MOMENT: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?"
    r"(?![0-9A-Za-z])"
)
_OURS: Final = re.compile("|".join(f"(?:{each.pattern})" for each in (_UUID, _DIGEST, _MOMENT)))
_NAME: Final = re.compile(r"[/\\]|[0-9A-Za-z][._:-]+[0-9A-Za-z]")
"""A word that is a path, a file's name, an address or a compound id."""
_PERSON: Final = re.compile(
    r"(?<!\d)(?:\d{6}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]"
    r"|\d{8}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3})(?!\d)"
)
"""A resident number of 18 or 15 digits: a date of birth stands in its middle."""


def without_numbers(line: str) -> str:
    """The line; a number that may be a person's is masked, also one in a path."""
    return _WORD.sub(lambda found: _masked(found[0]), line)


def _masked(word: str) -> str:
    pieces, end = [], 0
    for ours in _OURS.finditer(word):
        pieces += [_strangers(word[end : ours.start()], word), ours[0]]
        end = ours.end()
    return "".join([*pieces, _strangers(word[end:], word)])


def _strangers(piece: str, word: str) -> str:
    return (_PERSON if _NAME.search(word) else _LONG).sub(_MASK, piece)
