"""Bounds that several messages share."""

from typing import Final

from protocol.encodings import MAX_JSON_INTEGER

MAX_BATCH: Final = 1_000
"""Most inquiries, or named records, in one request."""
MAX_BILLS: Final = 24
"""Most bills of one manifest."""
MAX_DOCUMENTS: Final = 5
"""Most papers of each side of one case: the filer's do not take the creditor's places."""
MAX_DOCUMENT_BYTES: Final = 2 * 1024 * 1024
MAX_POSITION: Final = MAX_JSON_INTEGER
"""The last place of a feed."""
MAX_EPOCH: Final = 2**31 - 1
MAX_SHARE_INDEX: Final = 255
MAX_OVERSEEN: Final = 200
"""Most resources on a page that an office, or a carrier of its own, reads."""
