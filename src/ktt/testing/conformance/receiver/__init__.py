"""The suite for a receiver: it acts as a sender."""
