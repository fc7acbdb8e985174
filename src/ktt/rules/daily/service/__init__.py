"""Rules on delivered services, their extent, providers and pauses."""
