"""`clearline custodian`: Hold one share of the key."""
