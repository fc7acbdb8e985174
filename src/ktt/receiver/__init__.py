"""The registry's door: verifies, decrypts, stores durably, and only then answers (transport § 7 to § 9, § 14)."""
