"""How each run of the sender ended, also those that failed: what is known of a unit the morning after."""
