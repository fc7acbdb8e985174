"""IPLOS 3.7, the annual message in XML, read: `fields.toml` is the format, as data.

`layout.layout()` is the table, and `reader.read(name, blocks)` gives the message in batches of whole persons: a frame for
each element, with the line of every record. What is right content is for `ktt.rules.annual` to say.
"""
