"""Validating a message, a folder of messages or an extract, with no service running.

`rule_selection.validation_request(day)` makes the request, `inputs.validate_path(path, request)` gives one `Document` for
each file, and `report.report.Report` gathers the documents. The other modules of `report` write it, each in one form.
"""
