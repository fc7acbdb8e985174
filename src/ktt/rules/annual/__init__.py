"""The rules of the annual message, IPLOS 3.7: made from its table, with a few written by hand.

`catalogue.annual_rules()` has them all, and `validation_run.AnnualValidation` applies them. They are rules of the same
kind as those of the daily messages, and are kept apart from them: another format, other columns, a year and not a day.
"""
