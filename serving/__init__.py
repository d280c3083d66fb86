"""Every process of ours needs this of its machine, whichever party runs it; no business and no key is in here."""
