"""Example values that several pages share: tokens, references, ids, a document and a moment."""

from typing import Any, Final

ELEMENT: Final = "4vKuuWbGBPRm7bAmF2a2ygVNLmN6p8dUKOrJQ6dcGls"
ACCOUNT: Final = "mlDhUr6wzGHpbVJO7PMUfdXzWhv0s9SRWyZbSYlAAzE"
LEAF: Final = "9uxP6yJ8IVThEH-GkZXTqTcgUXvdADksQAzMmGLXo9Q"
RECORD_ID: Final = "019a1b2c-3d4e-7f50-8a61-b2c3d4e5f607"
OTHER_ID: Final = "019a1b2c-3d4e-7f50-8a61-b2c3d4e5f608"
REFERENCE: Final = "q2Zl1r8nV0yJ3xK5tB7wPA"
PDF: Final = "JVBERi0xLjcg"
AT: Final = "2026-11-21T08:00:00.000000Z"
TOKENS: Final[dict[str, Any]] = {"epoch": 1, "subject": ELEMENT}
