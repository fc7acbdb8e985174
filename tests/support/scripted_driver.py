"""The queue of the scripted sender: what it does with an answer, right or with one defect.

The suite drives it in its own process, since a process for each message would take too long for two hundred cases.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from ktt.testing.conformance.sender.drivers.driver import Ability, ScenarioContext, SenderRun
from ktt.testing.conformance.sender.drivers.message_factory import MessageFactory, PreparedMessage
from ktt.testing.conformance.sender.preparation import Preparation, PreparationKind
from support.scripted_sender import Answer, Client, NotNow, changed, receipt

TRIES, WAIT = 3, 0.02
_KEYS = {1004, 1006, 1007, 1008, 1009}


class ScriptedDriver:
    """A `conformance.sender.driver.Driver`. Each run has a new client; only the queue lasts from run to run."""

    def __init__(self, defect: str = "") -> None:
        self.defect = defect
        self.abilities = frozenset({Ability.QUEUE, Ability.STARTS})

    def begin(self, context: ScenarioContext) -> None:
        self.context, self.messages, self.held = context, MessageFactory(context.unit), False

    def prepare(self, preparation: Preparation) -> None:
        self.messages.prepare(preparation)
        if preparation.kind is PreparationKind.MEND:
            self.held = False
        if self.defect == "newest first":
            self.messages.waiting.reverse()

    def run(self) -> Sequence[SenderRun]:
        after, client = self.context.last(), Client(dict(self.context.config), self.defect)
        if self.defect == "everything at once":
            with ThreadPoolExecutor(8) as pool:
                list(pool.map(lambda message: self.once(client, message), self.messages.waiting))
            self.messages.waiting.clear()
        while self.messages.waiting and not self.held:
            if not self.deliver(client, self.messages.waiting[0]) and self.defect != "skips what fails":
                break
            self.messages.waiting.pop(0)
        left = bool(self.messages.waiting) and self.defect != "exit code 0"
        return [SenderRun(after, 3 if left else 0)]

    def once(self, client: Client, message: PreparedMessage) -> Answer:
        return client.post(client.seal(message.content), "KTT_Tjeneste", "1", f"{message.day:%d.%m.%Y}")

    def deliver(self, client: Client, message: PreparedMessage) -> bool:
        """Send the same message until it is delivered, or the queue stops."""
        content = changed(message.content, self.defect)
        if len(content) > 11_000_000 and self.defect != "too large all the same":
            self.held = True
            return False
        spent: set[str] = set()
        sealed = None
        for _ in range({"hammers": 30, "no second try": 1, "skips what fails": 1}.get(self.defect, TRIES)):
            try:
                if sealed is None or self.defect != "encrypted once":
                    sealed = client.seal(content)
                answer = client.post(sealed, "KTT_Tjeneste", "1", f"{message.day:%d.%m.%Y}")
            except NotNow:
                return False
            if receipt(answer, self.defect):
                if self.defect == "everything twice":
                    client.post(client.seal(content), "KTT_Tjeneste", "1", f"{message.day:%d.%m.%Y}")
                return True
            verdict = self.verdict(answer)
            if verdict in spent or not self.remedy(client, verdict, answer):
                on = verdict == "rejected" and self.defect == "goes on after rejection"
                self.held = verdict == "rejected" and not on and self.defect != "rejected again and again"
                return on
            if verdict != "temporary":
                spent.add(verdict)
        return self.defect == "no second try"

    def verdict(self, answer: Answer) -> str:
        if answer.status in {401, 403}:
            return "access"
        if answer.codes & _KEYS and self.defect != "unknown codes are temporary":
            return "keys"
        if 2010 in answer.codes or answer.status in {None, 200, 201, 307, 408, 429} or answer.status >= 500:
            return "temporary"
        if self.defect == "unknown codes are temporary" and not answer.codes & {2008}:
            return "temporary"
        return "rejected"

    def remedy(self, client: Client, verdict: str, answer: Answer) -> bool:
        """Do what helps before the next try; False when nothing does."""
        if verdict == "access":
            client.token = client.token if self.defect == "same token after 401" else ""
        elif verdict == "keys":
            client.keys = client.keys if self.defect == "keys for ever" else []
        elif verdict == "temporary":
            asked = 0.0 if self.defect == "retry-after ignored" else float(answer.headers.get("retry-after", 0))
            time.sleep(0 if self.defect == "hammers" else max(WAIT, asked))
        return verdict != "rejected" or self.defect == "rejected again and again"
