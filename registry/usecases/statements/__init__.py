"""What a subject is told about itself."""
