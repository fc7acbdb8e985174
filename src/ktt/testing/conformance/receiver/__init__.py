"""The suite that plays a sender against a receiver."""
