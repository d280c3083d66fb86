"""A custodian's settings that hold."""

import os

from crypto.signing.keys import generate_signing_key, public_bytes
from protocol.encodings import b64url_encode

KEY = b64url_encode(public_bytes(generate_signing_key(os.urandom)))
GOOD = f"""
index = 2
epoch = 1
threshold = 2
share = "share.json"
demonstration = true
public_url = "http://127.0.0.1:9102/"
listen = "127.0.0.1:9102"
database = "ledger.db"
daily_quota = 5000000
[[carrier]]
id = "carrier-a"
key_id = "carrier-a-1"
public_key = "{KEY}"
"""
