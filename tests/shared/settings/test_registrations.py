"""Registrations as they are declared."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from shared.domain.vat.registrations import Registration
from shared.settings.connections import ConnectionDeclaration
from shared.settings.registrations import RegistrationLine, VatNumberSettings
from tests.support.world import LINES, a_declaration


def declared(**changes: Any) -> ConnectionDeclaration:
    return ConnectionDeclaration.model_validate(a_declaration(**changes))


def test_without_any_a_line_of_the_mapping_is_one_that_always_was() -> None:
    registered = declared(sales=LINES).registered

    assert registered.on("oss", "DE", date(1999, 1, 1))
    assert registered.on("voec", "NO", date(2040, 1, 1))
    assert not declared(sales=[]).registered.on("oss", "DE", date(2026, 5, 5))


def test_those_of_one_scheme_say_nothing_of_the_other() -> None:
    registered = declared(registrations=[{"scheme": "oss", "begins": "2026-05-01"}]).registered

    assert not registered.on("oss", "DE", date(2026, 4, 30))
    assert registered.on("oss", "DE", date(2026, 5, 1))
    assert registered.on("voec", "NO", date(2026, 4, 30))  # by its lines


def test_several_periods_of_one_scheme_are_said_together() -> None:
    lines = [
        {"scheme": "oss", "ends": "2025-12-31"},
        {"scheme": "oss", "begins": "2026-05-01"},
        {"scheme": "voec", "country": "no"},
    ]
    registered = declared(registrations=lines).registered

    assert registered.in_words("oss", "DE") == "to 2025-12-31 and from 2026-05-01"
    assert not registered.on("oss", "DE", date(2026, 2, 1))
    assert registered.of("voec", "NO") == [Registration("voec", "NO")]


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ({"scheme": "oss", "begins": "2026-05-01", "ends": "2026-04-30"}, ()),
        ({"scheme": "oss", "country": "SE"}, ()),
        ({"scheme": "ioss"}, ("scheme",)),
        ({"scheme": "voec", "country": "Norge"}, ("country",)),
        ({"scheme": "voec", "country": False}, ("country",)),  # what YAML makes of NO
        ({"scheme": "voec", "from": "2026-05-01"}, ("from",)),
        ({}, ("scheme",)),
    ],
)
def test_what_cannot_be_a_registration_is_refused(line: dict[str, Any], path: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError) as refused:
        RegistrationLine.model_validate(line)

    assert [error["loc"] for error in refused.value.errors()] == [path]


@pytest.mark.parametrize("number", ["556677889901", "SE"])
def test_our_own_vat_number_has_its_country(number: str) -> None:
    with pytest.raises(ValidationError):
        VatNumberSettings.model_validate({"own_number": number})
