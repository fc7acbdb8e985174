"""Alarms: one message when something begins and one when it ends, by webhook and e-mail."""
