"""A disk that can be full."""

from tests.support.small_disk import small_disk
