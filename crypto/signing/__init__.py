"""Signs and verifies with Ed25519 in two formats: HTTP message signatures (RFC 9421) and compact JWS (RFC 7515)."""
