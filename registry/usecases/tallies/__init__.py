"""What custodians say of themselves."""
