"""The commands of `ktt registry` about persons. Each look at a person is written down before it is answered."""
