"""A whole house in one process for the tests of a gateway."""

from tests.support.house import checks, gateway, low_grade, mappings, owed, parties, world
