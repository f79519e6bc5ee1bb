"""The OSS list of a quarter: lines, corrections, euro; and that no mix of documents makes it wrong."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.oss import OssList, OssSums
from shared.domain.quarters import Quarter
from shared.domain.vat.registrations import Registration, Registrations
from shared.domain.vat.treatment import Treated
from shared.domain.vat_documents import VatDocument
from tests.support.vat_documents import a_document, a_row

Q1, Q2 = Quarter(2026, 1), Quarter(2026, 2)
RATES = {
    (Q1, "SEK"): Decimal("11.00"),
    (Q1, "DKK"): Decimal("7.46"),
    (Q2, "SEK"): Decimal("11.148"),
    (Q2, "DKK"): Decimal("7.4604"),
}
CENT = Decimal("0.01")


def listed(*documents: VatDocument, rates: dict[tuple[Quarter, str], Decimal] = RATES) -> OssList:
    sums = OssSums(Q2, lambda day: "SE556677889901")
    for document in documents:
        sums.add(document)
    return sums.done(rates)


def euro(made: OssList) -> dict[tuple[str, str], tuple[str, str]]:
    return {
        (key.country, f"{key.rate:f} {key.rate_type}"): (str(one.base), str(one.vat))
        for key, one in made.lines.items()
    }


def test_a_line_per_country_and_rate_and_nothing_of_what_is_no_oss_sale() -> None:
    made = listed(
        a_document(a_row("119.00"), a_row("10.70", rate="7"), reference="a"),
        a_document(a_row("238.00"), reference="b"),
        a_document(a_row("250.00", "DK", "25", "DKK"), rate="1.5", reference="c"),
        a_document(a_row("547.00", "SE", "25", "SEK"), reference="d"),
    )

    assert euro(made) == {
        ("DE", "19 standard"): ("300.00", "57.00"),
        ("DE", "7 reduced"): ("10.00", "0.70"),
        ("DK", "25 standard"): ("26.81", "6.70"),
    }
    assert made.by_account == {
        2671: Decimal("638.40"),
        2673: Decimal("75.00"),
        2674: Decimal("7.84"),
    }
    assert made.vat_of("SE556677889901") == Decimal("64.40")
    assert [one.documents for one in made.lines.values()] == [1, 2, 1]


def test_a_credit_of_the_same_quarter_nets_and_one_of_an_earlier_corrects_its_period() -> None:
    made = listed(
        a_document(a_row("119.00"), reference="a"),
        a_document(a_row("-59.50"), of="2026-05-05", on="2026-06-30", reference="b"),
        a_document(a_row("-11.90"), of="2026-03-31", on="2026-04-01", reference="c"),
        a_document(a_row("-75.00", "DK", "25", "DKK"), of="2026-01-01", rate="1.5", reference="d"),
    )

    assert euro(made) == {("DE", "19 standard"): ("50.00", "9.50")}
    found = {(key.country, str(key.quarter)): one.sums.vat for key, one in made.corrections.items()}
    assert found == {("DE", "2026Q1"): Decimal("-1.90"), ("DK", "2026Q1"): Decimal("-2.01")}
    assert made.vat_of("SE556677889901") == Decimal("5.59")


def test_a_correction_after_three_years_is_too_late_for_the_return() -> None:
    """The return of 2023Q1 was due on 2023-04-30, so that of 2026Q1 may correct it and 2026Q2 may not."""
    made = listed(
        a_document(a_row("-11.90"), of="2023-03-31", reference="a"),
        a_document(a_row("-11.90"), of="2023-04-01", reference="b"),
    )

    assert {str(key.quarter): one.too_late for key, one in made.corrections.items()} == {
        "2023Q1": True,
        "2023Q2": False,
    }
    assert made.vat_of("SE556677889901") == Decimal("-1.90")


def test_a_missing_rate_leaves_the_line_open_and_is_asked_for() -> None:
    krona = a_document(a_row("-119.00", currency="SEK"), of="2026-02-01", reference="a")
    made = listed(krona, a_document(a_row("119.00"), reference="b"), rates={})

    assert euro(made) == {("DE", "19 standard"): ("100.00", "19.00")}
    assert [one.sums.vat for one in made.corrections.values()] == [None]
    assert made.missing == ((Q1, "SEK"),)
    assert made.vat_of("SE556677889901") is None


def test_a_rate_that_no_one_knows_and_greece_as_returns_call_it() -> None:
    treated = Treated("oss", "GR", "because", "services")
    greek = replace(a_row("118.00"), treated=treated, rate=Decimal(18))

    ((key, _),) = listed(a_document(greek)).lines.items()

    assert (key.country, key.supply, key.rate_type) == ("GR", "services", "unknown")


def test_each_sale_is_under_the_registration_of_its_day() -> None:
    registered = Registrations(
        (
            Registration("oss", ends=date(2026, 4, 30), number="SE1"),
            Registration("oss", begins=date(2026, 5, 1), number="SE2"),
        )
    )
    sums = OssSums(Q2, lambda day: registered.number_on("oss", day))
    for reference, on in (("a", "2026-04-30"), ("b", "2026-05-01")):
        sums.add(a_document(a_row("119.00"), on=on, reference=reference))
    sums.add(a_document(a_row("-11.90"), of="2026-04-30", on="2026-06-01", reference="c"))

    made = sums.done(RATES)

    assert {key.identification: one.vat for key, one in made.lines.items()} == {
        "SE1": Decimal("17.10"),
        "SE2": Decimal("19.00"),
    }
    assert made.identifications == ("SE1", "SE2")


def test_documents_of_before_treatments_were_kept_are_read_by_the_mapping() -> None:
    old = a_row("119.00", treated=None)
    document = a_document(old, before=lambda row: Treated("oss", "DE", "by its line"))

    assert euro(listed(document)) == {("DE", "19 standard"): ("100.00", "19.00")}


# ── any mix of documents ──────────────────────────────────────────────────────────────────────────

PLACES = (("DE", "19"), ("DE", "7"), ("FI", "25.5"), ("DK", "25"), ("SE", "25"))
SEK_PER_UNIT = {"EUR": "11.2034", "DKK": "1.5017", "SEK": "1"}


@dataclass(frozen=True)
class Sold:
    rows: tuple[tuple[tuple[str, str], int], ...]  # place, öre
    currency: str
    day: int
    credited_after: int | None


@st.composite
def a_sale(draw: st.DrawFn) -> Sold:
    return Sold(
        rows=tuple(
            draw(
                st.lists(
                    st.tuples(st.sampled_from(PLACES), st.integers(1, 9_999_999)), min_size=1, max_size=4
                )
            )
        ),
        currency=draw(st.sampled_from(tuple(SEK_PER_UNIT))),
        day=draw(st.integers(0, 180)),
        credited_after=draw(st.none() | st.integers(0, 120)),
    )


def documents_of(number: int, sale: Sold) -> list[VatDocument]:
    sold = date(2026, 1, 1) + timedelta(days=sale.day)
    made = [_one(number, sale, sold, sign=1)]
    if sale.credited_after is not None:
        back = sold + timedelta(days=sale.credited_after)
        made.append(_one(number, sale, back, sign=-1, of=sold))
    return made


def _one(number: int, sale: Sold, on: date, *, sign: int, of: date | None = None) -> VatDocument:
    rows = [a_row(str(sign * Decimal(ore) / 100), *place, currency=sale.currency) for place, ore in sale.rows]
    return a_document(
        *rows,
        on=on.isoformat(),
        of=of.isoformat() if of else None,
        rate=SEK_PER_UNIT[sale.currency],
        reference=f"{number}{'C' if of else ''}",
    )


@given(st.lists(a_sale(), max_size=12))
@settings(max_examples=150, deadline=None)
def test_the_list_is_what_the_rows_say_whatever_is_sold_and_given_back(sales: list[Sold]) -> None:
    """Worked out anew from prices and days, without the product's sums."""
    documents = [one for number, sale in enumerate(sales) for one in documents_of(number, sale)]
    made = listed(*[one for one in documents if Q2.first <= one.dated <= Q2.last])

    bases: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    vats: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    corrected: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for sale in sales:
        sold = date(2026, 1, 1) + timedelta(days=sale.day)
        back = None if sale.credited_after is None else sold + timedelta(days=sale.credited_after)
        for (country, rate), ore in sale.rows:
            if country == "SE":
                continue
            gross = Decimal(ore) / 100
            net = (gross * 100 / (100 + Decimal(rate))).quantize(CENT, ROUND_HALF_UP)
            if Quarter.of(sold) == Q2:
                per_euro = RATES.get((Q2, sale.currency), Decimal(1))
                if back is None or Quarter.of(back) != Q2:
                    bases[country, rate] += net / per_euro
                    vats[country, rate] += (gross - net) / per_euro
                else:
                    bases[country, rate] += 0
                    vats[country, rate] += 0
            elif back is not None and Quarter.of(back) == Q2:
                per_euro = RATES.get((Q1, sale.currency), Decimal(1))
                corrected[country, "2026Q1"] -= (gross - net) / per_euro

    def rounded(sums: dict[tuple[str, str], Decimal]) -> dict[tuple[str, str], Decimal]:
        return {key: amount.quantize(CENT, ROUND_HALF_UP) for key, amount in sums.items()}

    assert {(key.country, f"{key.rate:f}"): one.base for key, one in made.lines.items()} == rounded(bases)
    assert {(key.country, f"{key.rate:f}"): one.vat for key, one in made.lines.items()} == rounded(vats)
    assert {
        (key.country, str(key.quarter)): one.sums.vat for key, one in made.corrections.items()
    } == rounded(corrected)


@given(st.lists(a_sale(), max_size=6))
@settings(max_examples=100, deadline=None)
def test_the_parts_of_a_document_sum_to_what_it_posts(sales: list[Sold]) -> None:
    """Per account: the sum in its own currency at the document's rate, rounded once, as Fortnox posts."""
    for number, sale in enumerate(sales):
        for document in documents_of(number, sale):
            own: defaultdict[int, Decimal] = defaultdict(Decimal)
            for part in document.parts:
                own[part.account] += part.base
                own[part.vat_account] += part.vat
            exchange = Decimal(SEK_PER_UNIT[sale.currency])
            posted = {one: (sum_ * exchange).quantize(CENT, ROUND_HALF_UP) for one, sum_ in own.items()}
            assert document.by_account() == {one: sum_ for one, sum_ in posted.items() if sum_}
