"""A mapping proposed from what a schema says: names, types, enumerations and texts, against the glossary and the codes."""
