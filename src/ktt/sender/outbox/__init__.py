"""The outbox: per reporting unit a queue of messages, sealed, until the registry has accepted them."""
