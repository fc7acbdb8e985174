"""What a store belongs to: the registry that its receipts are of, the machine it is on, and that it is not an old copy."""
