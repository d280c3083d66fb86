"""A carrier's own terms for low grades."""
