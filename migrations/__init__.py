"""The steps from nothing to the newest schema; ``registry.store.migrate`` applies them."""
