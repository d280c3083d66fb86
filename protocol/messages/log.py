"""The access log."""

from typing import Final

MAX_WITNESSES: Final = 64
"""How many count at once: a note has at most 100 signature lines, the log's own among them."""


MAX_WITNESSES_EVER: Final = 1024
"""A witness that was removed keeps its name and its key taken; all of them are one answer."""
