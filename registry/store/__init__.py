"""The only rooms with SQL, sessions and commit; rows never leave them."""
