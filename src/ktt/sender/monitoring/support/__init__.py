"""A bundle for whoever helps: how it stands with the sender, without a person and without a secret."""
