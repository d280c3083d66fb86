"""How records end: expiry, sealing, purge, retention, and orders from outside."""
