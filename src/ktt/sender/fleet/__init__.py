"""Many reporting units in one process: one file of settings, one run, one status."""
