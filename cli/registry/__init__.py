"""`clearline registry`: Found, migrate, serve and tend the registry."""
