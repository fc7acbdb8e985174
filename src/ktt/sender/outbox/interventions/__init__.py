"""What a person does to a queue, each act kept with who did it, when and why."""
