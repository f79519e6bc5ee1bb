"""A mapping proposed from a chart of accounts."""

from datetime import date
from decimal import Decimal

import pytest

from services.sandbox.fortnox.chart import PREDEFINED_ACCOUNTS, standard_accounts, standard_vat_codes
from shared.domain.vat.proposal import ChartAccount, Proposal, ProposedLine, propose

DAY = date(2026, 5, 5)
PREDEFINED = PREDEFINED_ACCOUNTS | {
    f"OUTVAT_{one.code}": one.account for one in standard_vat_codes() if one.account
}


def of(*accounts: tuple[int, str, str | None], day: date = DAY, home: str = "SE") -> Proposal:
    return propose([ChartAccount(*one) for one in accounts], {}, home=home, day=day)


def the_reference_company() -> Proposal:
    chart = [ChartAccount(one.number, one.description, one.vat_code) for one in standard_accounts().values()]
    return propose(chart, PREDEFINED, home="SE", day=DAY)


def test_the_reference_company_gets_the_mapping_of_the_acceptance_cases() -> None:
    found = the_reference_company()

    assert [
        (
            f"{one.treatment} {one.country or ''} {one.rate:f}",
            one.goods,
            one.services,
            one.freight,
            one.fee,
            one.vat_code,
            one.vat_account,
        )
        for one in found.lines
    ] == [
        ("domestic  25", 3001, None, 3520, 3540, "MP1", 2611),
        ("domestic  12", 3002, None, 3523, None, "MP2", 2621),
        ("domestic  6", 3003, None, 3524, None, "MP3", 2631),
        ("eu_business  0", 3108, 3308, 3521, None, None, None),
        ("export  0", 3105, 3305, 3522, None, None, None),
        ("oss DE 7", 3164, None, 3164, None, "DE7", 2674),
        ("oss DE 19", 3161, None, 3161, None, "DE19", 2671),
        ("oss DK 25", 3163, None, 3163, None, "DK25", 2673),
        ("oss FI 25.5", 3162, None, 3162, None, "FI255", 2672),
    ]
    assert found.unclear == ()


@pytest.mark.parametrize(
    ("account", "country", "rate"),
    [
        ((3161, "Försäljning OSS", "DE19"), "DE", "19"),
        ((3161, "Försäljning OSS Tyskland 19 %", "X7"), "DE", "19"),
        ((3161, "OSS Finland 25,5%", "OSSFI"), "FI", "25.5"),
        ((3161, "OSS Finland 13.5 %", "FI135"), "FI", "13.5"),
        ((3161, "Försäljning", "EL24"), "GR", "24"),
        ((3161, "Försäljning Nordirland 20 %", "NI"), "XI", "20"),
        ((3161, "OSS Irland 23 %", "IE23"), "IE", "23"),
    ],
)
def test_country_and_rate_are_read_from_the_code_or_the_name(
    account: tuple[int, str, str], country: str, rate: str
) -> None:
    (line,) = of(account).lines

    assert (line.treatment, line.country, line.rate) == ("oss", country, Decimal(rate))
    assert line.vat_code == account[2]
    assert line.why == f"account 3161 ({account[1]}) has the VAT code {account[2]}"


def test_norway_is_voec_and_freight_of_its_own_is_found() -> None:
    (line,) = of((3171, "Försäljning Norge", "NO25"), (3571, "Frakt Norge", "NO25")).lines

    assert line == ProposedLine(
        "voec",
        Decimal(25),
        3171,
        "account 3171 (Försäljning Norge) has the VAT code NO25",
        country="NO",
        freight=3571,
        vat_code="NO25",
    )


@pytest.mark.parametrize(
    ("account", "said"),
    [
        ((3161, "OSS Finland", "DE19"), "its code DE19 says DE, its name FI"),
        ((3161, "OSS Tyskland 7 %", "DE19"), "its code DE19 says 19 %, its name 7 %"),
        ((3161, "OSS Tyskland", "DE16"), "neither its code DE16 nor its name says a rate of DE"),
        ((3161, "OSS Tyskland 19 %", None), "it has no VAT code, and DE needs one of its own"),
    ],
)
def test_what_disagrees_is_not_proposed_and_said(account: tuple[int, str, str | None], said: str) -> None:
    found = of(account)

    assert found.lines == ()
    assert found.unclear == (f"account 3161 ({account[1]}): {said}",)


def test_two_codes_for_one_rate_are_for_a_person() -> None:
    found = of((3161, "OSS Tyskland", "DE19"), (3165, "OSS Tyskland 19 %", "X"))

    assert found == Proposal((), ("DE 19 %: several VAT codes, DE19, X",))


def test_rates_are_those_of_the_day() -> None:
    assert of((3161, "OSS", "FI24"), day=date(2024, 8, 31)).lines[0].rate == 24
    assert of((3161, "OSS", "FI24"), day=date(2024, 9, 1)).lines == ()


@pytest.mark.parametrize(
    "account",
    [
        (3001, "Försäljning 25 %", "MP1"),
        (2671, "Moms OSS Tyskland 19 %", "DE19"),
        (3161, "Försäljning Sverige", "SE25"),
        (4010, "Inköp Tyskland 19 %", "DE19"),
        (3990, "Övrigt", None),
    ],
)
def test_other_accounts_are_left_alone(account: tuple[int, str, str | None]) -> None:
    assert of(account) == Proposal(())


def test_nothing_swedish_is_proposed_to_a_company_elsewhere() -> None:
    assert {line.treatment for line in propose([], PREDEFINED, home="NO", day=DAY).lines} == set()
