"""Run the registry's background processes: worker, integrator, webhooks, witnesses."""
