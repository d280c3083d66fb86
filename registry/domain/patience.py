"""For how long a silent database is waited for."""

from typing import Final

REQUEST_SECONDS: Final = 10
"""A request waits so long for each answer of the database, unless the settings say otherwise."""
PATIENT_TIMES: Final = 30
"""Work that no sender waits for is so many times as patient: a slow step is no silence, and a hung one has an end."""
LEAST_SECONDS: Final = 1.0
"""Work that waited in line nearly as long as it may still gets so long for each answer."""
LATE_SHARE: Final = 0.5
"""A look at the database that lasts longer than this share of a request's patience is a silence."""
LOOK_IDLE_SECONDS: Final = 5.0
"""Seconds between two looks at a database that answered, while nobody asks for them."""
LOOK_SECONDS: Final = 1.0
"""Seconds between two looks otherwise."""
ASKED_SECONDS: Final = 15.0
"""For so long after a question for the last look, another one is expected."""
LOOK_LOST_SECONDS: Final = 2 * LOOK_IDLE_SECONDS
"""A look that ended longer ago says nothing: the thread that looks has stopped."""
