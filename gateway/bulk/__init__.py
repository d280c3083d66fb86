"""Report, check and take back whole files of a carrier's export."""
