"""What messages call the columns, from the mapping of the pack alone."""

from __future__ import annotations

import pytest

from ktt.messages.packs.field_names import field_names
from ktt.messages.register import pack

NAMES = field_names(pack("ktt_v1"))


@pytest.mark.parametrize(
    ("record_type", "column", "names"),
    [
        ("decision", "applied_on", ("soknadDato",)),
        ("decision_line", "starts_on", ("startDato",)),
        ("circumstances", "household", ("boforhold.husstand",)),
        ("circumstances", "individual_plan", ("individuellPlan.status",)),
        ("recipient", "person_number", ("person.fodselsNr", "person.dNr", "person.dufNr")),
        ("decision", "local_person_id", ("person.personId",)),
        ("decision", "home_municipality", ("person.bostedKommuneNr",)),
        ("unit", "organisation", ("orgNr",)),
        ("pause", "service_id", ()),
        ("no_such_type", "starts_on", ()),
    ],
)
def test_a_column_is_called_what_the_message_calls_it(record_type, column, names):
    assert NAMES.of(record_type, column) == names
    assert NAMES.shown(record_type, column) == (", ".join(names) or column)


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("soknadDato", {("decision", "applied_on")}),
        ("SOKNADDATO", {("decision", "applied_on")}),
        ("vedtak[].soknadDato", {("decision", "applied_on")}),
        ("vedtak.tjenester.startDato", {("decision_line", "starts_on")}),
        ("startDato", {("decision_line", "starts_on"), ("care_service", "starts_on")}),
        ("husstand", {("circumstances", "household")}),
        ("boforhold.husstand", {("circumstances", "household")}),
        ("nonsense", set()),
        ("", set()),
    ],
)
def test_a_name_leads_to_its_columns(name, columns):
    assert NAMES.columns(name) == columns


def test_every_place_of_every_message_is_known():
    for version in pack("ktt_v1"):
        for place, (record_type, column) in version.places().items():
            if column is not None:
                assert (record_type, column) in NAMES.columns(place.removeprefix("[]."))


def test_what_has_no_mapping_has_no_names():
    assert field_names([]).known == []
