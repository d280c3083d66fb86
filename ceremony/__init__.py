"""Key ceremonies without a dealer: everybody checks the same steps by the same code, and nobody needs to be believed.

Pure values and functions over ``protocol`` and ``crypto``: no file, no network, no clock. The custodians' driver, the
registry, auditors and gateways share it.
"""
