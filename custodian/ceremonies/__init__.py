"""Ceremonies as a custodian holds them: its folder, its peers, and the driver that takes it from step to step."""
