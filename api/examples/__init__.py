"""The made-up values that the OpenAPI document shows, a page for each subject; a test loads each by its schema."""
