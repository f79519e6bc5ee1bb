"""Any mix of rates, countries and roundings: documents add up, VAT per code is what recomputing gives."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from services.sync_worker.flows.sale.observed import Booked, ObservedSale
from services.sync_worker.flows.sale.plan import plan
from shared.domain.documents import CreditDraft, InvoiceDraft, Plan, SalesDocument
from shared.domain.items import Row, RowKind, SoldRow
from shared.domain.money import Money, total
from shared.domain.parties import Address, Buyer, PartyKind
from shared.domain.postings import Chart, postings_of
from shared.domain.sale import Sale, SoldCredit, SoldDelivery
from shared.settings.connections import ConnectionDeclaration
from shared.settings.mapping_csv import from_csv, to_csv
from tests.services.sync_worker.flows.sale.test_plan import as_booked
from tests.support.world import LINES, a_declaration

MORE = [
    {"treatment": "oss", "country": "IE", "rate": 0, "goods": 3165, "freight": 3165},
    {"treatment": "oss", "country": "XI", "rate": 20, "goods": 3166, "freight": 3166, "vat_code": "XI20"},
    {
        "treatment": "oss",
        "country": "FI",
        "rate": "13.5",
        "goods": 3167,
        "freight": 3167,
        "vat_code": "FI135",
    },
    {"treatment": "oss", "country": "SI", "rate": "9.5", "goods": 3168, "freight": 3168, "vat_code": "SI95"},
    {
        "treatment": "eu_consumer",
        "country": "PL",
        "rate": 25,
        "goods": 3106,
        "freight": 3106,
        "vat_code": "MP1",
    },
]
SETTINGS = ConnectionDeclaration.model_validate(a_declaration(sales=[*LINES, *MORE]))
CODES = {"MP1": 2611, "MP2": 2621, "MP3": 2631}
CODES |= {str(line.vat_code): 2700 + place for place, line in enumerate(SETTINGS.sales)} | CODES
CHART = Chart(1510, lambda code, rate: CODES.get(code or "", 2999))
DAY = date(2026, 5, 5)

# Where it goes, who buys, and which rates explain themselves there.
PLACES: list[tuple[str, str, str, PartyKind, tuple[str, ...]]] = [
    ("SE", "11122", "", "private", ("25", "12", "6")),
    ("DE", "10115", "", "private", ("19", "7")),
    ("DE", "10115", "DE136695976", "company", ("19", "7", "0")),
    ("FI", "00100", "", "private", ("25.5", "13.5")),
    ("FI", "AX-22 100", "", "private", ("0",)),
    ("DK", "1050", "", "private", ("25",)),
    ("IE", "D01", "", "private", ("0",)),
    ("SI", "1000", "", "private", ("9.5",)),
    ("GB", "BT1 1AA", "", "private", ("20",)),
    ("PL", "00-001", "", "private", ("25",)),
    ("NO", "0150", "", "private", ("25", "15", "0")),
    ("US", "10001", "", "private", ("0",)),
]
KINDS: list[RowKind] = ["goods", "goods", "goods", "freight", "discount"]


@st.composite
def sales(draw: st.DrawFn) -> Sale:
    country, post_code, number, party, rates = draw(st.sampled_from(PLACES))
    currency = draw(st.sampled_from(["SEK", "EUR", "NOK"]))
    rows = draw(st.lists(st.lists(_rows(rates, currency), min_size=1, max_size=8), min_size=1, max_size=3))
    deliveries = tuple(_delivery(number, currency, one) for number, one in enumerate(rows, start=1))
    buyer = Buyer(
        party,
        "Kund",
        "kund@example.com",
        "",
        "",
        Address("Kund", "", "", post_code, "", country),
        None,
        number,
    )
    return Sale(
        checkout_id=9300101,
        order_number="1",
        status="delivered",
        ordered_on=DAY,
        currency=currency,
        buyer=buyer,
        remaining=(),
        deliveries=deliveries,
        ordered=total((one.amount for one in deliveries), currency),
    )


def _rows(rates: Sequence[str], currency: str) -> st.SearchStrategy[SoldRow]:
    return st.builds(
        lambda kind, article, quantity, minor, rate: SoldRow(
            kind,
            article,
            f"Vara {article}",
            Decimal(quantity),
            Money(Decimal(-minor if kind == "discount" else minor) / 100, currency),
            Decimal(rate),
        ),
        st.sampled_from(KINDS),
        st.sampled_from("ABCD"),
        st.sampled_from(["1", "2", "3", "7", "0.5", "1.25", "13"]),
        st.integers(1, 500_000),
        st.sampled_from(rates),
    )


def _delivery(number: int, currency: str, rows: Sequence[SoldRow]) -> SoldDelivery:
    """What a discount takes away is given back by a row that is dearer, so that it is something owed."""
    owed = total((row.total for row in rows), currency)
    if owed.amount <= 0:
        more = Money(Decimal("0.37") - owed.amount, currency)
        rows = [*rows, SoldRow("goods", "E", "Vara E", Decimal(3), more, rows[0].rate)]
    return SoldDelivery(number, DAY, tuple(rows), total((row.total for row in rows), currency))


def planned(sale: Sale, booked: tuple[Booked, ...] = ()) -> Plan:
    rate = None if sale.currency == "SEK" else Decimal("11.2037")
    found = plan(ObservedSale(sale, SETTINGS, date(2026, 6, 1), booked, rate=rate))
    assert isinstance(found, Plan), found
    return found


def vat_by_code(rows: Sequence[Row]) -> dict[str | None, Decimal]:
    """Worked out from price, quantity and rate alone, each row to the öre, half up."""
    found: dict[str | None, Decimal] = defaultdict(Decimal)
    for row in rows:
        cent = Decimal("0.01")
        gross = (row.price.amount * row.quantity).quantize(cent, ROUND_HALF_UP)
        found[row.vat_code] += gross - (gross / (1 + row.rate / 100)).quantize(cent, ROUND_HALF_UP)
    return found


def posted_by_account(draft: SalesDocument) -> dict[int, Decimal]:
    return {line.account: line.debit - line.credit for line in postings_of(draft, CHART)}


@settings(max_examples=200, deadline=None)
@given(sales())
def test_documents_add_up_and_vat_per_code_is_what_recomputing_gives(sale: Sale) -> None:
    found = planned(sale)

    invoices = [draft for draft in found.drafts if isinstance(draft, InvoiceDraft)]
    assert [one.total for one in invoices] == [one.amount for one in sale.deliveries]
    for invoice in invoices:
        vat = vat_by_code(invoice.rows)
        assert sum(vat.values()) == invoice.vat.amount
        posted = posted_by_account(invoice)
        assert sum(posted.values()) == 0
        for code, amount in vat.items():
            in_sek = (amount * (invoice.rate or 1)).quantize(Decimal("0.01"), ROUND_HALF_UP)
            shared = [one for one in vat if CODES.get(one or "") == CODES.get(code or "")]
            if in_sek and len(shared) == 1:
                assert posted[CODES[code or ""]] == -in_sek


@settings(max_examples=200, deadline=None)
@given(sales())
def test_no_vat_of_another_country_is_posted_as_swedish(sale: Sale) -> None:
    for draft in planned(sale).drafts:
        if not isinstance(draft, InvoiceDraft):
            continue
        for row in draft.rows:
            assert row.treated is not None
            swedish = row.treated.treatment in ("domestic", "eu_consumer")
            assert (row.vat_code in ("MP1", "MP2", "MP3")) == (swedish and row.rate != 0)
            assert row.rate == 0 or row.treated.treatment in ("domestic", "eu_consumer", "oss", "voec")


@settings(max_examples=150, deadline=None)
@given(sales(), st.data())
def test_a_second_plan_is_empty_and_refunds_empty_each_code(sale: Sale, data: st.DataObject) -> None:
    """In any number of amounts: when all is given back, nothing is left on any account or code."""
    first = planned(sale)
    booked = tuple(as_booked(draft, place) for place, draft in enumerate(first.drafts, start=1))
    again = planned(sale, booked)
    assert [draft.material() for draft in again.drafts] == [draft.material() for draft in first.drafts]

    whole = sale.deliveries[0]
    minor = int(whole.amount.amount * 100)
    cuts = sorted(data.draw(st.sets(st.integers(1, minor), max_size=4)) | {minor})
    for cut in cuts:
        credited = SoldDelivery(
            whole.id, whole.on, whole.rows, whole.amount, credited=Money(Decimal(cut) / 100, sale.currency)
        )
        refunded = Sale(**{**vars(sale), "deliveries": (credited, *sale.deliveries[1:])})
        drafts = planned(refunded, booked).drafts
        booked = tuple(as_booked(draft, place) for place, draft in enumerate(drafts, start=1))
    credits = [draft for draft in drafts if isinstance(draft, CreditDraft)]
    (invoice,) = [
        one for one in first.drafts if isinstance(one, InvoiceDraft) and one.ref == credits[0].invoice
    ]
    left: dict[tuple[int, str | None], Decimal] = defaultdict(Decimal)
    for row in (*invoice.rows, *(row for credit in credits for row in credit.rows)):
        left[row.account, row.vat_code] += row.total.amount
    assert set(left.values()) == {Decimal("0.00")}
    assert [row.treated for credit in credits for row in credit.rows if row.treated is None] == []
    assert credits[0].rate == invoice.rate


@given(sales())
@settings(max_examples=30, deadline=None)
def test_a_refund_by_rows_has_the_account_code_and_reason_of_its_sale(sale: Sale) -> None:
    first = planned(sale)
    booked = tuple(as_booked(draft, place) for place, draft in enumerate(first.drafts, start=1))
    one = sale.deliveries[0]
    sold = max(one.rows, key=lambda row: row.total.amount)
    credit = SoldCredit(
        sold.total, (SoldRow(sold.kind, sold.article, sold.name, -sold.quantity, -sold.total, sold.rate),)
    )
    if credit.amount > one.amount:
        return
    given_back = SoldDelivery(one.id, one.on, one.rows, one.amount, (credit,), credit.amount)
    drafts = planned(Sale(**{**vars(sale), "deliveries": (given_back, *sale.deliveries[1:])}), booked).drafts

    (draft,) = [draft for draft in drafts if isinstance(draft, CreditDraft)]
    same = {
        (row.account, row.vat_code, row.treated)
        for d in first.drafts
        if isinstance(d, InvoiceDraft)
        for row in d.rows
    }
    assert {(row.account, row.vat_code, row.treated) for row in draft.rows} <= same


def test_the_mapping_of_these_properties_survives_its_table() -> None:
    assert from_csv(to_csv(SETTINGS.sales), home="SE") == SETTINGS.sales
