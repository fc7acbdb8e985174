"""What a schema says of each value: its words, its kind, its codes, and where it stands."""
