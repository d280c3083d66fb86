"""Call the registry's operations, one module for each resource; the only paths of the registry besides api/."""
