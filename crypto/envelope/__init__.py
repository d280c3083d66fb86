"""What the registry keeps of a token: an index key that finds it, and the token sealed."""
