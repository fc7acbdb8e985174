"""Message packs: a folder of data each (ADR 0016). `folder` reads one, `schema` writes its schemas out, `message` is a version.

The folders beside the modules are the packs that the program brings.
"""
