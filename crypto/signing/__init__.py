"""Ed25519 in its two dresses: HTTP message signatures (RFC 9421) and compact JWS (RFC 7515)."""
