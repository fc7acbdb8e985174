"""The receiving end: authenticates, decrypts and validates messages, stores them durably, and only then answers.

See transport § 7 to § 9 and § 14.
"""
