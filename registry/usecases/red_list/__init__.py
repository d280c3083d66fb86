"""Organisations whose arrears hold nothing up."""
