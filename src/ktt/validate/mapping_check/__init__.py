"""A mapping tried on its source without sending: what is wrong with it, and what it makes of what is there."""
