"""The findings of a unit's records: open until a run no longer finds them, then closed, and by which run."""
