"""A whole house in one process for the tests of a gateway."""

from tests.support.house import checks, gateway, mappings, owed, parties, world
