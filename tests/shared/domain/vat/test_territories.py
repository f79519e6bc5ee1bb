"""A country's border is not that of its VAT."""

import pytest

from shared.domain.parties import Address
from shared.domain.vat.territories import Territory, territory_of


def at(country: str, postal_code: str = "") -> Address:
    return Address("", country=country, postal_code=postal_code)


@pytest.mark.parametrize(
    ("address", "part"),
    [
        (at("FI", "22100"), "Åland"),
        (at("FI", " 22 100 "), "Åland"),
        (at("FI", "FI-22100"), "Åland"),
        (at("FI", "AX-22100"), "Åland"),
        (at("fi", "ax 22\u00a0100"), "Åland"),
        (at("FI", "２２１００"), "Åland"),
        (at("AX"), "Åland"),
        (at("ES", "35001"), "the Canary Islands"),
        (at("ES", "38 001"), "the Canary Islands"),
        (at("IC"), "the Canary Islands"),
        (at("ES", "51001"), "Ceuta"),
        (at("ES", "E-52001"), "Melilla"),
        (at("DE", "D-27498"), "Heligoland"),
        (at("DE", "78266"), "Büsingen"),
        (at("IT", "I-23041"), "Livigno"),
        (at("IT", "22061"), "Campione d'Italia"),
        (at("GR", "630 86"), "Mount Athos"),
        (at("EL", "GR-63086"), "Mount Athos"),
        (at("FR", "97100"), "Guadeloupe"),
        (at("FR", "97 400"), "Réunion"),
        (at("RE", "97400"), "Réunion"),
        (at("YT"), "Mayotte"),
    ],
)
def test_parts_of_member_states_are_outside_however_they_are_written(address: Address, part: str) -> None:
    found = territory_of(address)

    assert (found.inside, found.part) == (False, part)


@pytest.mark.parametrize(
    ("address", "country"),
    [
        (at("FI", "00100"), "FI"),
        (at("FI", "02210"), "FI"),
        (at("FI", "32210"), "FI"),
        (at("FI"), "FI"),
        (at("DE", "27499"), "DE"),
        (at("ES", "07001"), "ES"),  # the Balearic Islands
        (at("FR", "20000"), "FR"),  # Corsica
        (at("PT", "9000-001"), "PT"),  # Madeira
        (at("MC", "98000"), "FR"),
        (at("FR", "98000"), "FR"),
        (at("XI", "BT1 1AA"), "XI"),
        (at("GB", "bt11aa"), "XI"),
        (at("GB", "GB-BT1 1AA"), "XI"),
    ],
)
def test_these_are_inside_and_of_that_country(address: Address, country: str) -> None:
    found = territory_of(address)

    assert (found.inside, found.country) == (True, country)


@pytest.mark.parametrize(
    "country", ["GB", "UK", "IM", "JE", "GG", "NO", "CH", "SM", "VA", "AD", "LI", "GI", "FO", "GL", "US"]
)
def test_these_are_no_part_of_the_area(country: str) -> None:
    assert not territory_of(at(country)).inside


def test_northern_ireland_is_inside_for_goods_only() -> None:
    belfast = at("GB", "BT1 1AA")

    assert territory_of(belfast) == Territory("XI", inside=True, part="Northern Ireland")
    assert territory_of(belfast, "services") == Territory("GB", inside=False, part="Northern Ireland")
    assert territory_of(at("IM", "IM1 1AA")).name == "the Isle of Man (GB)"


def test_a_british_post_code_in_another_country_means_nothing() -> None:
    assert territory_of(at("DE", "BT1")) == Territory("DE", inside=True)
