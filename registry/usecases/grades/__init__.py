"""A carrier's own terms for low grades, and the reviews of decisions by its people."""
