"""A whole house in one process for the tests of the registry's client."""

from tests.support.house import gateway, mappings, parties, world
