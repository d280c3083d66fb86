"""The registry keeps two forms of a token: an index key that finds it, and the sealed token."""
