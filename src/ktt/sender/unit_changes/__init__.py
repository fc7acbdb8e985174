"""Units over time: one is retired, moved, merged with others or split, and is withdrawn from the registry first."""
