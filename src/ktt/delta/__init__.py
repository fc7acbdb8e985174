"""What has changed since the registry last knew, and the messages that tell it. Pure: columns in, messages out."""

from ktt.delta.compare import Changes, compare
from ktt.delta.fingerprint import fingerprint
from ktt.delta.plan import PlannedMessage, plan

__all__ = ["Changes", "PlannedMessage", "compare", "fingerprint", "plan"]
