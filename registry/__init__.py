"""The neutral registry: the business of reports, inquiries, settlements and clearances."""
