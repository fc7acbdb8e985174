"""What the rules find in accepted messages, kept until it is corrected."""
