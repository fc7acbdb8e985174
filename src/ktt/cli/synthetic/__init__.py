"""The commands of the synthetic municipality."""
