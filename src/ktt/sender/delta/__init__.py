"""The difference between an extract and what the registry will hold, and the messages that send it. Pure, without I/O.

`fingerprint.fingerprint` gives each record one hash, `compare.compare` compares them with those that the registry will
hold, `encoding.encode` writes the records that differ as JSON, and `plan.Planner` makes the messages.
"""
