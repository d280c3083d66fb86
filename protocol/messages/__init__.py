"""Define each message that crosses a trust boundary once, in a module for each resource."""
