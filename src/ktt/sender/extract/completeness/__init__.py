"""What must hold before an extract is believed: whose it is, how large and how fresh, and the proof that it is whole."""
