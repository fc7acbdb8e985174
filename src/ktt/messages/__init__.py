"""What is sent: message packs, one folder for each set of versions."""
