"""What every part of the program stands on: texts, errors, the clock, settings, the log and HTTP messages."""
