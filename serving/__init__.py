"""What every process of ours needs on its machine, whichever party runs it; no business and no key is in here."""
