"""What either end must do, shown by cases and by vectors that were made outside our code."""
