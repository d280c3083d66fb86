"""Arrange instalments for a record, and break a plan that is not kept."""
