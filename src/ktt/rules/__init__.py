"""The rules: every check declared once, judged over whole frames, identical at both ends."""
