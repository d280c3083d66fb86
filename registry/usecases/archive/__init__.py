"""End records: expiry, sealing, purge, retention, and orders from outside."""
