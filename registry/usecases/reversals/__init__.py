"""Take a settlement back when its payment came undone."""
