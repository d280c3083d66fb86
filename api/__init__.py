"""The HTTP door of the registry: who is asking, what the body says, and the answer in its exact form."""
