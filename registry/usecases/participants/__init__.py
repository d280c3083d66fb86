"""Who takes part: admission, keys, webhooks, exit."""
