"""Cases about records, their documents and deadlines, and victims of identity theft."""
