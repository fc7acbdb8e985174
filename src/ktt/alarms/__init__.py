"""Alarms that leave the program: a signed webhook and e-mail, the same for sender and registry. What rings is theirs."""
