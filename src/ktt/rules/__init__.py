"""The rules: every check is declared once, applied to whole frames, and the same at both ends."""
