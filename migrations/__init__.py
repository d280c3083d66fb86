"""Lists the steps from an empty database to the newest schema; ``registry.store.migrate`` applies them."""
