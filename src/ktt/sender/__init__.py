"""The sender of one reporting unit: the initial load, the daily run, and how the line stands."""
