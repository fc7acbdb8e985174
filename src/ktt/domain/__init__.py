"""The domain of municipal care: record types, identifiers, places, codes and the glossary."""
