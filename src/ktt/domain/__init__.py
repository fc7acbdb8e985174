"""The words of municipal allocation: record types, identifiers, places and the glossary."""
