"""`ktt pack`: message packs of one's own."""
