"""The message packs, one folder each."""
