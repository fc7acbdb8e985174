"""The suite that plays HelseID and receiver against a sender."""
