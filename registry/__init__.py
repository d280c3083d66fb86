"""The neutral registry does the business of reports, inquiries, settlements and clearances."""
