"""IPLOS 3.7, the annual message in XML, read: `fields.toml` is the format, as data.

Door: `layout.layout()` is the table, `reader.read(name, blocks)` gives the message in batches of whole persons, each a
frame for every element with the line of every record. Nothing here judges content; `ktt.rules.annual` does.
Writing the message, and the identity message beside it, will be modules of their own on the same table.
"""
