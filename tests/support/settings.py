"""A gateway's settings that hold."""

from protocol.encodings import b64url_encode

KEY = b64url_encode(bytes(range(32)))
GOOD = f"""
[carrier]
id = "carrier-a"
key_id = "carrier-a-1"
signing_key = "signing.pem"
account_key = "account.key"
[registry]
url = "http://127.0.0.1:9100/"
key_id = "registry-1"
public_key = "{KEY}"
[custodians]
epoch = 1
threshold = 2
joint_public_key = "{KEY}"
[[custodians.member]]
index = 1
url = "http://127.0.0.1:9101"
public_key = "{KEY}"
[[custodians.member]]
index = 2
url = "http://127.0.0.1:9102"
public_key = "{KEY}"
[service]
listen = "127.0.0.1:9201"
"""
