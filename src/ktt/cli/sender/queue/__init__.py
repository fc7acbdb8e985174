"""Commands about the queue: what is in it, and what a person does to it."""
