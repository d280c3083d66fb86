"""Papers that a neutral body asks a creditor for."""
