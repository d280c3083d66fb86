"""Changes a file that a process may be reading: whole, one change at a time, as its owner only."""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

from serving.files import fresh_name, locked, remove_durably, write_durably


def change_file(path: Path, change: Callable[[bytes], bytes]) -> None:
    """Replace a file by what ``change`` makes of it: a crash leaves the old file or the new one. Raises OSError.

    Only the owner may run this: a new file would belong to another user, and the process could not read it. The mode
    stays; of a link, the file that it leads to is replaced. A change that changes nothing writes nothing, and removes
    the unfinished file that a crash left.
    """
    real = Path(os.path.realpath(path))
    with locked(real.with_name(f"{real.name}.lock")):
        status = real.stat()
        if status.st_uid != os.geteuid():
            raise OSError(errno.EPERM, "belongs to another user; run this as its owner", str(path))
        before = real.read_bytes()
        after = change(before)
        if after != before:
            write_durably(real, after, stat.S_IMODE(status.st_mode))
        else:
            remove_durably(fresh_name(real))
