"""The rules: the catalogue, and one rule's page as the manual prints it."""

from __future__ import annotations

from starlette.responses import Response

from ktt.core.text import Text
from ktt.rules.catalogue import catalogue
from ktt.rules.errors import RuleUnknown
from ktt.rules.reference_pages import as_data, find_any
from ktt.validate.report.words import record_word
from ktt.web.console.console import SITE, Console, nothing_here
from ktt.web.site import Visit

_TITLE = Text(nb="Regler", en="Rules")


def rules_page(_console: Console, visit: Visit) -> Response:
    """`/rules`."""
    wanted = visit.asked("search").strip().lower()
    t = visit.t
    rules = [rule for rule in catalogue() if wanted in f"{rule.id} {t(rule.says)}".lower()]
    return SITE.page(visit, "rules.html.jinja", title=_TITLE, rules=rules, wanted=wanted, known=len(catalogue()))


def rule_page(_console: Console, visit: Visit) -> Response:
    """`/rules/ID`."""
    try:
        rule = find_any(visit.request.path_params["rule"])
    except RuleUnknown as fault:
        return nothing_here(visit, fault.says())
    return SITE.page(
        visit, "rule.html.jinja", title=Text(rule.id, rule.id), rule=rule, page=as_data(rule), record=record_word
    )
