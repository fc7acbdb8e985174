"""What changed from one message pack to another, and what each change means for one who sends."""
