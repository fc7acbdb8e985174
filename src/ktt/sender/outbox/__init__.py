"""The line: messages wait here, in order and sealed, until the registry has accepted them."""
