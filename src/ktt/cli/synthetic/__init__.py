"""The commands that write synthetic data: `ktt synth`."""
