"""The registry's own clock: whether it is trusted, what waits for a person, and the operator's word."""
