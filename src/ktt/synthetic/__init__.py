"""Record systems full of persons who do not exist."""
