"""Rules on decisions, their lines and the appeals against them."""
