"""The RSA keys that senders encrypt under."""
