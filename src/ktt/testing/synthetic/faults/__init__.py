"""Known faults, planted on purpose: for every rule a person in whose records that rule is broken, with the answer key."""
