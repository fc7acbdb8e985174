"""The suite for a sender: it acts as HelseID and as a receiver."""
