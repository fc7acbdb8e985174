"""What has changed since the registry last knew, and the messages that tell it. Pure: columns in, messages out.

`fingerprint.fingerprint` gives each record one hash, `compare.compare` holds them against what the registry will hold,
`plan.plan` makes the messages.
"""
