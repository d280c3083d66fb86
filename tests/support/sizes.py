"""How large the long stories are: `make soak` tells them whole, the usual run a part of them."""

import os
from typing import Final

FULL_SIZE: Final = bool(os.environ.get("SOAK"))
