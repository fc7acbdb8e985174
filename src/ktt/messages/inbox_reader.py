"""Reading an inbox page by page. A page stays some megabytes, whatever its messages weigh."""

from __future__ import annotations

from collections.abc import Sequence

from ktt.messages.contract import AcceptedMessage, Inbox

_PAGE_BYTES = 32_000_000  # of content, about; what it becomes in memory is some times as much


class InboxReader:
    """Pages of an inbox: `first` messages in the first, then as many as weigh `_PAGE_BYTES`, but never above `most`."""

    def __init__(self, inbox: Inbox, *, first: int, most: int) -> None:
        self._inbox, self._size, self._most = inbox, first, most

    def page(self, position: int, limit: int | None = None) -> Sequence[AcceptedMessage]:
        """The next messages after a position, up to `limit`; none when there are no more."""
        page = self._inbox.after(position, self._size if limit is None else min(limit, self._size))
        if page:
            largest = max(len(message.payload) for message in page)
            self._size = max(1, min(self._most, _PAGE_BYTES // max(1, largest)))
        return page
