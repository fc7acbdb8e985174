"""What is wrong with a unit's records: open until a run no longer finds it, then closed, and by which run."""
