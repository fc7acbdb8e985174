"""The sender of one reporting unit: the initial load, the daily run, and the status of its queue."""
