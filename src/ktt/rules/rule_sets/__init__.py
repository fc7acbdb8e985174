"""The versions that the daily rules are published in: one data file each, with a digest of every rule."""
