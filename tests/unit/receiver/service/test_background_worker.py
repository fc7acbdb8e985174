"""The process beside those that serve ends in order by a signal, also when Polars raises KeyboardInterrupt where it computes."""

from __future__ import annotations

import os
import signal
import socket

import pytest

from ktt.receiver.service.background_worker import run_batches


@pytest.fixture
def link():
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    ours, parents = socket.socketpair()
    yield ours
    ours.close()
    parents.close()
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("raises", [False, True], ids=["", "interrupted"])
def test_a_signal_in_the_middle_of_a_batch_ends_it_without_another(link, number, raises):
    begun = []

    def work(go_on):
        begun.append(go_on())
        os.kill(os.getpid(), number)
        assert not go_on()
        if raises:
            raise KeyboardInterrupt
        return 1

    run_batches(work, link)
    assert begun == [True]
