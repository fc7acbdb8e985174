"""A week of nights in which the record system exports, as text files or as messages, and not every export is whole.

What is not whole is never sent, deleted or believed; when it is whole, the same command goes on.
"""

from __future__ import annotations

import datetime as dt
import re

import pytest

from ktt.core.errors import KttError
from support.log_epj import LogEpj
from support.nightly_exports import FileExport, MessageExport
from support.settable_clock import SettableClock
from support.whole_road import whole_road

MORNING = dt.datetime(2026, 3, 2, 3, tzinfo=dt.UTC)  # four o'clock in Norway
EXPORTS = {"files": FileExport, "messages": MessageExport}
# what is wrong with the night's export | the code of what the run says of it, of files and of messages
UNFINISHED = {"files": "KTT-SRC-23", "messages": "KTT-SRC-23"}
CUT = {"files": "KTT-SRC-48", "messages": "KTT-SRC-61"}
OLD = {"files": "KTT-SRC-08", "messages": "KTT-ASK-01"}


@pytest.fixture(params=EXPORTS)
def night(request, tmp_path):
    """The road, whose sender reads the exports, and the exporter; the load is done."""
    with whole_road(tmp_path / "road", SettableClock(MORNING), persons=4, kind=LogEpj) as road:
        export = EXPORTS[request.param](road.epj, tmp_path / "eksport", road.today)
        text = road.desk.settings.read_text("utf-8")
        text = re.sub(r'(?m)^url = "sqlite:.*epj.*$', f'url = "{export.scheme}:///{export.folder}"', text)
        text = re.sub(r"(?m)^mapping = .*$", f'mapping = "{export.mapping}"', text)
        road.desk.settings.write_text(text, "utf-8")
        road.epj.log(road.today)
        export.write(road.today)
        road.desk.load().check()
        assert road.differences() == set()
        yield road, export


def a_night(road, number):
    """A day has passed: somebody new, and a diagnosis that is marked as deleted."""
    road.pass_days()
    road.epj.person(10 + number)
    road.epj.run('UPDATE "DIAGNOSE" SET "SLETTET" = \'J\' WHERE "DIAG_NR" = ?', f"D{number}a")
    road.epj.log(road.today)


def refused(road):
    """The code of a run that sends nothing."""
    before = road.receiver.stored
    try:
        report = road.desk.daily()
    except KttError as fault:
        code = fault.code
    else:
        code = report.stopped.code
    assert road.receiver.stored == before
    return code


def sent(road):
    report = road.desk.daily()
    assert (report.exit_code, report.missing) == (0, 0), report.stopped
    assert road.differences() == set()
    return report


def test_a_week_of_nights(night):
    road, export = night
    a_night(road, 0)
    export.write(road.today)
    assert sent(road).changes > 0

    a_night(road, 1)
    export.begin(road.today)  # it is still at it at four o'clock
    assert refused(road) == UNFINISHED[export.scheme]
    export.finish(road.today)
    assert sent(road).changes > 0

    a_night(road, 2)
    export.write(road.today)
    export.cut(road.today)
    assert refused(road) == CUT[export.scheme]
    export.write(road.today)
    assert sent(road).changes > 0

    a_night(road, 3)
    export.leave_one_of_yesterday(road.today)
    assert refused(road) == OLD[export.scheme]
    export.write(road.today)
    assert sent(road).changes > 0

    road.pass_days()
    road.epj.log(road.today)
    export.write(road.today)
    assert sent(road).changes == 0

    a_night(road, 4)
    road.pass_days()  # and nobody was there in the night
    road.epj.log(road.today)
    export.write(road.today)
    assert sent(road).changes > 0
