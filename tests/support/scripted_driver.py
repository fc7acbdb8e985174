"""The queue of the scripted sender: what it does with an answer, right, right in a way of its own, or with one defect.

The suite drives it in its own process, since a process for each message would take too long for two hundred cases: as
what a command starts anew for each run, or as a service that somebody else runs and that sends by itself.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from ktt.testing.conformance.sender.drivers.driver import Ability, ScenarioContext, SenderRun
from ktt.testing.conformance.sender.drivers.listening_driver import ListeningDriver
from ktt.testing.conformance.sender.drivers.message_factory import MessageFactory, PreparedMessage
from ktt.testing.conformance.sender.preparation import Preparation, PreparationKind
from support.scripted_sender import Answer, Client, NotNow, changed, receipt

TRIES, WAIT = 3, 0.13
_KEYS = {1004, 1006, 1007, 1008, 1009}
_PAUSE = 0.7  # seconds that a service rests when a temporary fault lasts
_SLOW = 0.4  # seconds that the slow one takes before each message
_MOST = 1_900_000  # bytes of JSON in one message
_ONCE = frozenset({"encrypted once", "same proof again"})


class Queue:
    """The queue of one sender, and what it does with each message."""

    def __init__(self, defect: str, context: ScenarioContext) -> None:
        self.defect, self.context = defect, context
        self.messages, self.held, self.stopped = MessageFactory(context.unit), False, threading.Event()
        self.sent: list[PreparedMessage] = []
        self.next_run = False  # nothing more is tried before the next run

    def prepare(self, preparation: Preparation) -> None:
        self.messages.prepare(preparation)
        if preparation.kind is PreparationKind.MEND:
            self.held = False

    def client(self) -> Client:
        """What a start of the sender has: no token, no keys, and for one of them no memory of a rejection."""
        self.held = self.held and self.defect != "restarts at the same head"
        self.next_run = False
        return Client(dict(self.context.config), self.defect)

    def send(self, client: Client) -> bool:
        """Send what waits until something is not delivered; whether all is delivered."""
        if self.defect == "everything at once":
            with ThreadPoolExecutor(8) as pool:
                list(pool.map(lambda message: self.once(client, message), self.messages.waiting))
            self.messages.waiting.clear()
        if self.defect == "everything again":
            self.messages.waiting[:0] = self.sent
        while self.messages.waiting and not self.held and not self.stopped.is_set():
            message = self.messages.waiting[-1 if self.defect == "newest first" else 0]
            if len(message.content) > _MOST and self.split(message):
                continue
            done = self.deliver(client, message)
            if not any(one is message for one in self.messages.waiting):
                continue  # it was split
            if not done and self.defect != "skips what fails":
                break
            self.messages.waiting.remove(message)
            self.sent.append(message)
        return not self.messages.waiting

    def split(self, message: PreparedMessage) -> bool:
        """Put smaller messages in its place, in order; False when it has a single record, or the defect is not to."""
        root = json.loads(message.content)
        records = root[0].get("tjeneste", [])
        if len(records) < 2 or self.defect in {"too large all the same", "too large is temporary"}:
            return False
        half = max(1, min(len(records) // 2, len(records) * _MOST // len(message.content)))
        parts = [records[start : start + half] for start in range(0, len(records), half)]
        if self.defect == "parts overlap":
            parts = [parts[0], *([parts[place - 1][-1], *part] for place, part in enumerate(parts) if place)]
        made = [json.dumps([{**root[0], "tjeneste": part}], ensure_ascii=False).encode() for part in parts]
        place = self.messages.waiting.index(message)
        self.messages.waiting[place : place + 1] = [PreparedMessage(content, message.day) for content in made]
        return True

    def once(self, client: Client, message: PreparedMessage) -> Answer:
        return client.post(client.seal(message.content), "KTT_Tjeneste", "1", f"{message.day:%d.%m.%Y}")

    def deliver(self, client: Client, message: PreparedMessage) -> bool:
        """Send the same message until it is delivered, or the queue stops."""
        time.sleep(_SLOW if self.defect == "slow" else 0)
        content = changed(message.content, self.defect)
        spent: set[str] = set()
        sealed = None
        for _ in range({"hammers": 30, "no second try": 1, "skips what fails": 1}.get(self.defect, TRIES)):
            try:
                if sealed is None or self.defect not in _ONCE:
                    sealed = client.seal(content)
                answer = client.post(sealed, "KTT_Tjeneste", "1", f"{message.day:%d.%m.%Y}")
            except NotNow:
                self.next_run = True
                return False
            if receipt(answer, self.defect):
                if self.defect == "everything twice":
                    client.post(client.seal(content), "KTT_Tjeneste", "1", f"{message.day:%d.%m.%Y}")
                return True
            verdict = self.verdict(answer)
            if verdict == "size" and self.split(message):
                return False
            if verdict in spent or not self.remedy(client, verdict, answer):
                on = verdict == "rejected" and self.defect == "goes on after rejection"
                self.held = verdict == "rejected" and not on and self.defect != "rejected again and again"
                self.next_run = not on
                return on
            if self.stopped.is_set():
                return False
            if verdict != "temporary":
                spent.add(verdict)
            sealed = None if verdict == "keys" else sealed
        return self.defect == "no second try"

    def verdict(self, answer: Answer) -> str:
        if answer.status in {401, 403}:
            return "access"
        if 2009 in answer.codes or answer.status == 413:
            return "temporary" if self.defect == "too large is temporary" else "size"
        if answer.codes & _KEYS and self.defect != "unknown codes are temporary":
            return "keys"
        if 2010 in answer.codes or answer.status in {None, 200, 201, 307, 408, 429} or answer.status >= 500:
            return "temporary"
        unknown = self.defect == "unknown codes are temporary" and not answer.codes & {2008}
        if unknown or answer.json().get("delivered") is True:
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
            self.stopped.wait(0.001 if self.defect == "hammers" else max(WAIT, asked))
        return verdict not in {"rejected", "size"} or self.defect == "rejected again and again"


class ScriptedDriver:
    """A `conformance.sender.driver.Driver`. Each run has a new client; only the queue lasts from run to run."""

    def __init__(self, defect: str = "") -> None:
        self.defect = defect
        self.abilities = frozenset(Ability)

    def begin(self, context: ScenarioContext) -> None:
        self.context, self.queue = context, Queue(self.defect, context)

    def prepare(self, preparation: Preparation) -> None:
        self.queue.prepare(preparation)

    def run(self) -> Sequence[SenderRun]:
        after, began = self.context.last(), time.monotonic()
        done = self.queue.send(self.queue.client()) or self.defect == "exit code 0"
        return [SenderRun(after, 0 if done else 3, seconds=time.monotonic() - began)]


class ServiceDriver(ListeningDriver):
    """The suite listens, and whoever operates the service does what it says; the service sends by itself meanwhile."""

    def __init__(self, defect: str = "", wait: float = 4.0) -> None:
        super().__init__(lambda _text: None, wait=wait, quiet=0.45)
        self.defect = defect
        self.abilities = frozenset({Ability.QUEUE, Ability.CONTENT})

    def begin(self, context: ScenarioContext) -> None:
        super().begin(context)
        self.queue = Queue(self.defect, context)

    def prepare(self, preparation: Preparation) -> None:
        super().prepare(preparation)
        self.queue.prepare(preparation)

    def run(self) -> Sequence[SenderRun]:
        self.queue.stopped.clear()
        service = threading.Thread(target=self._serve, args=(self.queue.client(),))
        service.start()
        try:
            return super().run()
        finally:
            self.queue.stopped.set()
            service.join()

    def _serve(self, client: Client) -> None:
        while not self.queue.stopped.is_set() and not self.queue.next_run:
            self.queue.stopped.wait(0.02 if self.queue.send(client) else _PAUSE)
