"""Which treatment explains what was charged; the country never overrides it."""

from decimal import Decimal

import pytest

from shared.domain.errors import MissingMapping
from shared.domain.money import Money
from shared.domain.parties import Address
from shared.domain.vat import Circumstances, in_eu_vat_area, net_of, treatment_of, vat_in

MAPPED = {("oss", "DE", Decimal(19)), ("oss", "DK", Decimal(25)), ("voec", "NO", Decimal(25))}


def to(
    country: str, postal_code: str = "", *, vat_number: str = "", registered: bool = True
) -> Circumstances:
    return Circumstances(
        destination=Address("", postal_code=postal_code, country=country),
        home="SE",
        is_company=bool(vat_number),
        vat_number=vat_number,
        has_line=lambda treatment, where, rate: (treatment, where, rate) in MAPPED,
        oss_registered=registered,
    )


@pytest.mark.parametrize(
    ("rate", "case", "treatment"),
    [
        ("25", to("SE"), "domestic"),
        ("0", to("SE"), "domestic"),
        ("25", to(""), "domestic"),
        ("19", to("DE"), "oss"),
        ("25", to("DK"), "oss"),
        ("25", to("FI", registered=False), "eu_consumer"),
        ("0", to("DE", vat_number="DE123456789"), "eu_business"),
        ("0", to("NO"), "export"),
        ("25", to("NO"), "voec"),
        ("0", to("US"), "export"),
        ("0", to("FI", "22100"), "export"),
        ("0", to("ES", "35001"), "export"),
        ("0", to("DE", "27498"), "export"),
    ],
)
def test_the_rate_and_the_destination_name_the_treatment(
    rate: str, case: Circumstances, treatment: str
) -> None:
    treated = treatment_of(Decimal(rate), case)

    assert treated.treatment == treatment
    assert treated.why


@pytest.mark.parametrize(
    ("rate", "case"),
    [
        ("21", to("DE")),
        ("25", to("FI")),
        ("0", to("DE")),
        ("15", to("NO")),
        ("25", to("FI", "22100")),
    ],
)
def test_what_no_line_explains_names_the_line_to_add(rate: str, case: Circumstances) -> None:
    with pytest.raises(MissingMapping) as told:
        treatment_of(Decimal(rate), case)

    assert f"rate: {rate}" in told.value.facts["line"]
    assert f"country: {case.destination.country}" in told.value.facts["line"]


def test_net_and_vat_make_the_gross_again_also_with_decimals() -> None:
    gross = Money(Decimal("79.90"), "EUR")

    assert net_of(gross, Decimal("25.5")) == Money(Decimal("63.67"), "EUR")
    assert net_of(gross, Decimal("25.5")) + vat_in(gross, Decimal("25.5")) == gross


def test_the_mainland_is_inside_and_its_islands_are_not() -> None:
    assert in_eu_vat_area(Address("", postal_code="00100", country="FI"))
    assert not in_eu_vat_area(Address("", postal_code="FI-22100", country="FI"))
    assert not in_eu_vat_area(Address("", country="GB"))
