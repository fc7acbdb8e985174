"""What the receiver writes down: tables, acceptance, replay memory, and the inbox that the registry reads."""
