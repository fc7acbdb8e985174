"""What a person hands in, message or extract, is opened, judged and told about, with nothing else running.

Door: `choice.ask(day)` is the question, `opened.review(path, question)` gives one `Document` for each file, and
`report.Report` gathers them; `as_text`, `as_page`, `as_sheet` and `as_data` tell it.
"""
