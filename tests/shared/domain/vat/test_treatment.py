"""Which treatment explains what was charged; the country never overrides it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from shared.domain.errors import MissingMapping, NotRegistered, VatNumberUnfit
from shared.domain.parties import Address
from shared.domain.vat.registrations import Registration, Registrations
from shared.domain.vat.territories import Supply
from shared.domain.vat.treatment import Circumstances, treatment_of
from shared.domain.vat_numbers import VatNumber

MAPPED = {
    ("oss", "DE", Decimal(19)),
    ("oss", "DK", Decimal(25)),
    ("oss", "IE", Decimal(0)),
    ("oss", "FR", Decimal(20)),
    ("oss", "XI", Decimal(20)),
    ("voec", "NO", Decimal(25)),
    ("eu_consumer", "PL", Decimal(25)),
}
EVER = Registrations(assumed=frozenset({"oss", "voec"}))
NEVER = Registrations()
DAY = date(2026, 5, 5)


def to(
    country: str,
    postal_code: str = "",
    *,
    vat_number: str = "",
    fault: str = "",
    registered: Registrations = EVER,
    days: tuple[date, ...] = (DAY,),
) -> Circumstances:
    return Circumstances(
        destination=Address("", postal_code=postal_code, country=country),
        home="SE",
        vat_number=VatNumber(vat_number, fault),
        has_line=lambda treatment, where, rate: (treatment, where, rate) in MAPPED,
        registrations=registered,
        days=days,
    )


def since(begins: date | None = None, ends: date | None = None) -> Registrations:
    return Registrations((Registration("oss", "", begins, ends), Registration("voec", "NO", begins, ends)))


@pytest.mark.parametrize(
    ("rate", "case", "treatment", "country"),
    [
        ("25", to("SE"), "domestic", "SE"),
        ("0", to("SE"), "domestic", "SE"),
        ("25", to(""), "domestic", "SE"),
        ("19", to("DE"), "oss", "DE"),
        ("25", to("DK"), "oss", "DK"),
        ("20", to("MC", "98000"), "oss", "FR"),
        ("20", to("GB", "BT1 1AA"), "oss", "XI"),
        ("0", to("IE"), "oss", "IE"),
        ("25", to("FI", registered=NEVER), "eu_consumer", "FI"),
        ("12", to("FI", registered=NEVER), "eu_consumer", "FI"),
        ("25", to("PL"), "eu_consumer", "PL"),
        ("0", to("DE", vat_number="DE123456789"), "eu_business", "DE"),
        ("0", to("XI", vat_number="XI123456789"), "eu_business", "XI"),
        ("0", to("IE", vat_number="SE556677889901", fault="is Swedish"), "oss", "IE"),
        ("19", to("DE", vat_number="DE123456789"), "oss", "DE"),
        ("0", to("NO"), "export", "NO"),
        ("25", to("NO"), "voec", "NO"),
        ("0", to("US"), "export", "US"),
        ("0", to("FI", "22100"), "export", "FI"),
        ("0", to("FI", "AX-22100"), "export", "FI"),
        ("0", to("AX"), "export", "FI"),
        ("0", to("ES", "35001"), "export", "ES"),
        ("0", to("DE", "27498"), "export", "DE"),
        ("0", to("IM"), "export", "GB"),
    ],
)
def test_the_rate_and_the_destination_name_the_treatment(
    rate: str, case: Circumstances, treatment: str, country: str
) -> None:
    treated = treatment_of(Decimal(rate), case)

    assert (treated.treatment, treated.country) == (treatment, country)
    assert treated.why


@pytest.mark.parametrize("supply", ["goods", "services"])
def test_services_are_treated_by_the_same_rules_and_say_so(supply: Supply) -> None:
    treated = treatment_of(Decimal(0), to("DE", vat_number="DE123456789"), supply)

    assert (treated.treatment, treated.supply) == ("eu_business", supply)


def test_services_to_northern_ireland_leave_the_union() -> None:
    assert treatment_of(Decimal(0), to("GB", "BT1 1AA"), "services").treatment == "export"


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


def test_a_rate_of_another_country_is_said_to_be_one() -> None:
    with pytest.raises(MissingMapping) as told:
        treatment_of(Decimal("25.5"), to("DE"))

    assert "25.5 % is no rate of DE on 2026-05-05, which has 19, 7; it is one of FI" in told.value.message
    assert told.value.facts["line"] == "{treatment: oss, country: DE, rate: 25.5, goods: ...}"
    assert told.value.facts["csv"] == "oss,DE,25.5,...,,,,,"


# ── registrations and their days ──────────────────────────────────────────────────────────────────


def test_oss_that_was_charged_before_the_registration_stops_with_the_days() -> None:
    with pytest.raises(NotRegistered) as told:
        treatment_of(Decimal(19), to("DE", registered=since(date(2026, 5, 6))))

    assert told.value.facts == {
        "scheme": "oss",
        "country": "DE",
        "rate": "19",
        "day": "2026-05-05",
        "registered": "from 2026-05-06",
    }


@pytest.mark.parametrize(
    ("registered", "stops"),
    [
        (since(date(2026, 5, 5)), False),
        (since(date(2026, 5, 6)), True),
        (since(None, date(2026, 5, 5)), False),
        (since(None, date(2026, 5, 4)), True),
        (since(), False),
    ],
)
@pytest.mark.parametrize(("rate", "country"), [("19", "DE"), ("25", "NO")])
def test_the_first_and_the_last_day_of_a_registration_belong_to_it(
    registered: Registrations, stops: bool, rate: str, country: str
) -> None:
    case = to(country, registered=registered)
    if stops:
        with pytest.raises(NotRegistered):
            treatment_of(Decimal(rate), case)
    else:
        assert treatment_of(Decimal(rate), case).country == country


def test_a_rate_that_is_swedish_too_was_swedish_before_the_registration() -> None:
    before, after = since(date(2026, 5, 6)), since(date(2026, 5, 5))

    assert treatment_of(Decimal(25), to("DK", registered=before)).treatment == "eu_consumer"
    assert treatment_of(Decimal(25), to("DK", registered=after)).treatment == "oss"


def test_what_was_charged_at_the_purchase_is_explained_by_its_day_too() -> None:
    """Bought before the registration with Swedish VAT, delivered the day it began."""
    days = (date(2026, 5, 5), date(2026, 5, 4))

    treated = treatment_of(Decimal(25), to("FI", registered=since(date(2026, 5, 5)), days=days))

    assert treated.treatment == "eu_consumer"


def test_swedish_vat_is_no_explanation_once_the_merchant_is_registered() -> None:
    with pytest.raises(MissingMapping):
        treatment_of(Decimal(25), to("FI", registered=since(date(2026, 5, 5))))


def test_a_registration_in_one_country_outside_the_union_is_none_in_another() -> None:
    registered = Registrations((Registration("voec", "NO"),))

    assert registered.on("voec", "NO", DAY)
    assert not registered.on("voec", "GB", DAY)
    assert registered.in_words("voec", "GB") == "never"


# ── VAT numbers ───────────────────────────────────────────────────────────────────────────────────


def test_a_number_that_cannot_be_one_does_not_explain_zero() -> None:
    with pytest.raises(VatNumberUnfit) as told:
        treatment_of(Decimal(0), to("DE", vat_number="DE12", fault="it has 2 digits"))

    assert told.value.facts == {"vat_number": "DE12", "country": "DE", "fault": "it has 2 digits"}


@pytest.mark.parametrize(("rate", "country"), [("19", "DE"), ("0", "NO"), ("25", "SE")])
def test_nobody_asks_for_the_number_of_a_sale_that_needs_none(rate: str, country: str) -> None:
    case = to(country, vat_number="nonsense", fault="it is nonsense")

    assert treatment_of(Decimal(rate), case).treatment in ("oss", "export", "domestic")


def test_every_decision_is_one_sentence() -> None:
    found: Mapping[str, str] = {
        "19": treatment_of(Decimal(19), to("DE")).why,
        "0": treatment_of(Decimal(0), to("FI", "22100")).why,
    }

    assert found == {
        "19": "DE's rate of 19 % charged, mapped for OSS",
        "0": "no VAT charged, delivered outside the EU VAT area (Åland (FI))",
    }
