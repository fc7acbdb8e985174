"""What is in a sender's store: the tables of each part."""

from __future__ import annotations

from ktt.sender.binding.sql.tables import SCHEMA as BINDING
from ktt.sender.findings.tables import SCHEMA as FINDINGS
from ktt.sender.follow_ups.tables import SCHEMA as FOLLOW_UPS
from ktt.sender.monitoring.alarms.tables import SCHEMA as ALARMS
from ktt.sender.outbox.sql.tables import SCHEMA as OUTBOX
from ktt.sender.outcomes.tables import SCHEMA as OUTCOMES
from ktt.sender.plausibility.tables import SCHEMA as HISTORY
from ktt.sender.unit_changes.tables import SCHEMA as UNITS

SCHEMAS = (OUTBOX, FINDINGS, HISTORY, OUTCOMES, UNITS, BINDING, ALARMS, FOLLOW_UPS)
"""All of them, in the order in which they are made."""
