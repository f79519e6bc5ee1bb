"""Journeys of a quarter's VAT: the OSS list is what was sold, and Fortnox' books say the same to the öre."""

import csv
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from services.sandbox.fortnox.books import Voucher, VoucherRow
from services.sandbox.fortnox.customers import Customers
from services.sandbox.fortnox.invoices import Invoices
from tests.journeys.test_chores import chore
from tests.journeys.test_payouts import evening, reports, sold, world_with_clearing  # noqa: F401
from tests.journeys.test_sale_backfill import ask
from tests.journeys.test_tie_out import bearer
from tests.support.payout_reports import a_row_of, fee
from tests.support.world import CONNECTION, LINES, World, a_row

CENT = Decimal("0.01")
ECB = {"2026Q1": {"DKK": "7.4700"}, "2026Q2": {"DKK": "7.4604", "SEK": "11.1480"}}
LAST = {"2026Q1": "2026-03-31", "2026Q2": "2026-06-30"}
COUNTRY = {"de": "DE", "fi": "FI", "dk": "DK", "se": "SE"}
SEK_PER_UNIT = {"de": Decimal("11.20"), "fi": Decimal("11.20"), "dk": Decimal("1.50"), "se": Decimal(1)}
VAT_ACCOUNT = {("DE", "19"): 2671, ("DE", "7"): 2674, ("FI", "25.5"): 2672, ("DK", "25"): 2673}


@dataclass(frozen=True)
class Sale:
    """Pieces of one thing, sold and delivered on ``day``; ``back`` of them given back on ``back_on``."""

    market: str
    price: str
    rate: str
    day: str
    pieces: int = 1
    back: int = 0
    back_on: str = ""


SALES = (
    Sale("de", "119.00", "19", "2026-03-20", pieces=2, back=1, back_on="2026-04-10"),
    Sale("dk", "99.95", "25", "2026-03-31", back=1, back_on="2026-06-30"),
    Sale("de", "59.99", "19", "2026-04-01", pieces=3),
    Sale("fi", "33.33", "25.5", "2026-04-15", pieces=3, back=1, back_on="2026-05-02"),
    Sale("de", "10.70", "7", "2026-05-05", pieces=4, back=4, back_on="2026-05-06"),
    Sale("dk", "249.50", "25", "2026-05-20", pieces=2, back=1, back_on="2026-07-03"),
    Sale("se", "547.00", "25", "2026-06-01", back=1, back_on="2026-06-02"),
    Sale("se", "89.00", "12", "2026-06-15", pieces=3),
    Sale("fi", "12.01", "25.5", "2026-06-30"),
    Sale("de", "119.00", "19", "2026-07-01"),
)


async def the_year(world: World) -> list[int]:
    """Everything on its day; the checkout ids."""
    days = sorted({one.day for one in SALES} | {one.back_on for one in SALES if one.back_on})
    made: dict[int, tuple[int, int]] = {}
    for day in days:
        world.on(day)
        for number, sale in enumerate(SALES):
            if sale.day == day:
                row = a_row("Lampa", sale.price, pieces=sale.pieces, vat=sale.rate)
                name = str(100000200 + number)
                checkout = world.buys(row, market=sale.market, number=name, payment_type="INVOICE")
                made[number] = checkout, world.sandbox.svea.deliver(checkout)
        await world.works()
        for number, sale in enumerate(SALES):
            if sale.back_on == day:
                checkout, delivery = made[number]
                (row,) = world.sandbox.svea.order(checkout).deliveries[0].rows
                world.sandbox.svea.credit_rows(checkout, delivery, {row.row_id: sale.back * 100})
        await world.works()
    for quarter, rates in ECB.items():
        await ask(
            world,
            "PUT",
            f"/connections/{CONNECTION}/oss/rates?quarter={quarter}",
            {"day": LAST[quarter], "rates": rates},
        )
    return [made[number][0] for number in range(len(SALES))]


def quarter_of(day: str) -> str:
    return f"{day[:4]}Q{(int(day[5:7]) + 2) // 3}"


def net_and_vat(sale: Sale, pieces: int) -> tuple[Decimal, Decimal]:
    gross = Decimal(sale.price) * pieces
    net = (gross * 100 / (100 + Decimal(sale.rate))).quantize(CENT, ROUND_HALF_UP)
    return net, gross - net


def per_euro(sale: Sale, quarter: str) -> Decimal:
    return Decimal(ECB[quarter]["DKK"]) if sale.market == "dk" else Decimal(1)


def worked_out(quarter: str) -> tuple[dict[Any, tuple[Decimal, Decimal]], dict[Any, Decimal]]:
    """Lines and corrections in EUR, from prices and days alone."""
    lines: defaultdict[Any, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    corrections: defaultdict[Any, Decimal] = defaultdict(Decimal)
    for sale in SALES:
        if sale.market == "se":
            continue
        key, own = (COUNTRY[sale.market], sale.rate), quarter_of(sale.day)
        for day, sign, pieces in ((sale.day, 1, sale.pieces), (sale.back_on, -1, sale.back)):
            if not day or quarter_of(day) != quarter:
                continue
            net, vat = net_and_vat(sale, pieces)
            if own == quarter:
                lines[key][0] += sign * net / per_euro(sale, quarter)
                lines[key][1] += sign * vat / per_euro(sale, quarter)
            else:
                corrections[COUNTRY[sale.market], own] += sign * vat / per_euro(sale, own)
    rounded = {
        key: (base.quantize(CENT, ROUND_HALF_UP), vat.quantize(CENT, ROUND_HALF_UP))
        for key, (base, vat) in lines.items()
    }
    return rounded, {key: vat.quantize(CENT, ROUND_HALF_UP) for key, vat in corrections.items()}


async def oss(world: World, quarter: str) -> dict[str, Any]:
    said: dict[str, Any] = await ask(world, "GET", f"/connections/{CONNECTION}/oss?quarter={quarter}")
    return said


async def vat(world: World, first: str = "2026-04-01", last: str = "2026-06-30") -> dict[str, Any]:
    said: dict[str, Any] = await ask(world, "GET", f"/connections/{CONNECTION}/vat?from={first}&to={last}")
    return said


def differing(said: dict[str, Any]) -> list[tuple[str, int, str]]:
    return [(one["kind"], one["account"], one["amount"]["amount"]) for one in said["differences"]]


def boxes(said: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {
        one["box"]: (one["amount"]["ours"]["amount"], one["amount"]["fortnox"]["amount"])
        for one in said["boxes"]
    }


def must_tie(said: dict[str, Any]) -> None:
    assert (said["differences"], said["miscoded"]) == ([], [])
    assert said["unexplained"]["amount"] == "0.00"
    for line in (*said["boxes"], *said["accounts"]):
        assert line["amount"]["difference"]["amount"] == "0.00", line
    for line in said["codes"]:
        assert (line["base"]["difference"]["amount"], line["vat"]["difference"]["amount"]) == (
            "0.00",
            "0.00",
        ), line


async def by_hand(world: World, day: str, rows: list[tuple[int, str]], text: str = "by hand") -> str:
    """A voucher that a person made: SEK by account, debit positive."""
    fortnox = (await world.shop.kit(CONNECTION)).fortnox
    year = await fortnox.financial_year(date.fromisoformat(day))
    assert year is not None
    amounts = [(account, Decimal(amount)) for account, amount in rows]
    made = await fortnox.create_voucher(
        {
            "Description": text,
            "TransactionDate": date.fromisoformat(day),
            "VoucherSeries": "A",
            "VoucherRows": [
                {"Account": account, "Debit": max(amount, Decimal(0)), "Credit": max(-amount, Decimal(0))}
                for account, amount in amounts
            ],
        },
        year=year.id,
    )
    return str(made.name)


async def asks_fortnox(world: World) -> None:
    world.later(timedelta(hours=1))
    assert await chore(world, "vat_tie_out") == "done"


# ── the list, and the books ───────────────────────────────────────────────────────────────────────


async def test_a_quarter_is_listed_as_it_was_sold_and_ties_out_at_zero(world: World) -> None:
    checkouts = await the_year(world)
    await asks_fortnox(world)
    lines, corrections = worked_out("2026Q2")

    said = await oss(world, "2026Q2")

    assert {
        (one["country"], one["rate"]): (Decimal(one["base"]["amount"]), Decimal(one["vat"]["amount"]))
        for one in said["lines"]
    } == lines
    assert {
        (one["country"], one["period"]): Decimal(one["vat"]["amount"]) for one in said["corrections"]
    } == corrections
    assert {(one["country"], one["rate"], one["rate_type"]) for one in said["lines"]} == {
        ("DE", "19", "standard"),
        ("DE", "7", "reduced"),
        ("FI", "25.5", "standard"),
        ("DK", "25", "standard"),
    }
    assert Decimal(said["totals"][0]["vat"]["amount"]) == sum(vat for _, vat in lines.values()) + sum(
        corrections.values()
    )
    assert {one["account"]: one["difference"]["amount"] for one in said["accounts"]} == dict.fromkeys(
        VAT_ACCOUNT.values(), "0.00"
    )
    assert (said["differences"], said["missing_rates"]) == ([], [])
    july = await oss(world, "2026Q3")
    assert [(one["country"], one["period"]) for one in july["corrections"]] == [("DK", "2026Q2")]

    tied = await vat(world)
    must_tie(tied)
    assert boxes(tied) == {
        "05": ("238.39", "238.39"),
        "10": ("0.00", "0.00"),
        "11": ("28.61", "28.61"),
        "49": ("28.61", "28.61"),
    }
    await world.hears_everything_again()
    assert await oss(world, "2026Q2") == said
    assert len(checkouts) == len(SALES)


async def test_the_look_costs_the_same_calls_for_any_number_of_sales(world: World) -> None:
    world.on("2026-05-04")
    for number in range(6):
        checkout = world.buys(a_row("Lampa", "119.00", vat="19"), market="de", number=str(100000300 + number))
        world.sandbox.svea.deliver(checkout)
    await world.works()
    before = len(world.calls())

    await asks_fortnox(world)

    assert world.calls()[before:] == [
        "GET /3/financialyears",
        "GET /3/accounts",
        "GET /3/predefinedaccounts",
        "GET /3/sie/4",
        "GET /3/vouchers",
    ]
    must_tie(await vat(world))


async def test_where_fortnox_gives_no_file_every_voucher_is_read(world: World) -> None:
    world.company.switches.sie_is_empty = True
    await the_year(world)

    await asks_fortnox(world)

    must_tie(await vat(world, "2026-01-01", "2026-12-31"))


async def test_where_the_list_does_not_say_what_a_voucher_is_of_the_invoices_say_it(world: World) -> None:
    world.company.switches.voucher_list_has_references = False
    await the_year(world)

    await asks_fortnox(world)

    must_tie(await vat(world, "2026-01-01", "2026-12-31"))


async def test_a_vat_account_that_fortnox_does_not_name_is_named_by_the_mapping(world: World) -> None:
    world.company.switches.own_codes_predefined = False
    world.on("2026-05-04")
    checkout = world.buys(a_row("Lampa", "119.00", vat="19"), market="de")
    world.sandbox.svea.deliver(checkout)
    await world.works()

    await asks_fortnox(world)
    unknown = await vat(world)
    accounts = {"DE19": 2671, "DE7": 2674, "FI255": 2672, "DK25": 2673, "NO25": 2899, "NO15": 2899}
    await world.declare(sales=[line | {"vat_account": accounts[line["vat_code"]]} for line in LINES])
    await asks_fortnox(world)

    assert [(one["account"], one["amount"]["ours"]["amount"]) for one in unknown["accounts"]] == [
        (None, "212.80"),
        (3161, "1120.00"),
    ]
    assert (unknown["differences"], unknown["unexplained"]["amount"]) == ([], "0.00")
    must_tie(await vat(world))


async def test_what_is_booked_after_the_look_is_said_to_be_newer(world: World) -> None:
    world.on("2026-05-04")
    await asks_fortnox(world)
    world.later(timedelta(hours=1))
    checkout = world.buys(a_row("Lampa", "119.00", vat="19"), market="de")
    world.sandbox.svea.deliver(checkout)
    await world.works()

    said = await vat(world)

    assert differing(said) == [("not_read_yet", 2671, "-212.80"), ("not_read_yet", 3161, "-1120.00")]
    assert said["unexplained"]["amount"] == "0.00"
    await asks_fortnox(world)
    must_tie(await vat(world))


async def test_a_payouts_fees_are_in_box_48(world_with_clearing: World) -> None:  # noqa: F811
    """By the payment's write-offs, and by the voucher for a row that has no document."""
    world = world_with_clearing
    world.on("2026-05-05")
    sale = sold(world, "547.00")
    await world.works()
    world.on("2026-05-08")
    unknown = a_row_of((7709999, 1), "399.00", fee("Credit", "5.99", vat="1.20"))
    reports(world, "2026-05-08", a_row_of(sale, "547.00", fee("Credit", "8.21", vat="1.64")), unknown)
    await evening(world)

    await asks_fortnox(world)
    said = await vat(world)

    must_tie(said)
    assert boxes(said)["48"] == ("2.84", "2.84")
    assert boxes(said)["49"] == ("106.56", "106.56")


# ── what a person did ─────────────────────────────────────────────────────────────────────────────


async def test_a_voucher_by_hand_on_a_vat_account_is_found_with_its_amount(world: World) -> None:
    await the_year(world)
    name = await by_hand(world, "2026-06-10", [(2611, "100.00"), (1930, "-100.00")], "momskorrigering")
    await by_hand(world, "2026-06-11", [(1930, "5.00"), (6570, "-5.00")], "no VAT at all")
    await asks_fortnox(world)

    said = await vat(world)

    assert differing(said) == [("by_hand", 2611, "-100.00")]
    (found,) = said["differences"]
    assert (found["voucher"], found["text"], found["dated"]) == (name, "momskorrigering", "2026-06-10")
    assert boxes(said)["10"] == ("0.00", "-100.00")
    assert (said["unexplained"]["amount"], said["miscoded"]) == ("0.00", [])
    assert (await oss(world, "2026Q2"))["differences"] == []
    must_tie(await vat(world, "2026-01-01", "2026-06-09"))


async def test_closing_a_vat_period_is_no_difference(world: World) -> None:
    """Fortnox' own voucher for the return takes VAT to the account that it is settled on."""
    await the_year(world)
    world.company.accounts[2650].active = True
    await by_hand(world, "2026-06-30", [(2621, "28.61"), (2650, "-28.00"), (3740, "-0.61")], "Momsrapport")
    await asks_fortnox(world)

    must_tie(await vat(world))


async def test_a_wrong_vat_code_on_an_account_is_found_with_what_it_moves(world: World) -> None:
    """Somebody gives the Danish sales account the Swedish code: its base would be in box 05."""
    await the_year(world)
    world.company.accounts[3163].vat_code = "MP1"
    await asks_fortnox(world)

    said = await vat(world)

    (found,) = said["miscoded"]
    kept = [
        net_and_vat(one, one.pieces)[0] * (1 if quarter_of(one.day) == "2026Q2" else 0)
        - (net_and_vat(one, one.back)[0] if one.back_on and quarter_of(one.back_on) == "2026Q2" else 0)
        for one in SALES
        if one.market == "dk"
    ]
    in_sek = sum(((one * Decimal("1.5")).quantize(CENT, ROUND_HALF_UP) for one in kept), Decimal(0))
    assert (found["account"], found["code"], found["box"]) == (3163, "MP1", "05")
    assert (found["needed_code"], found["needed_box"]) == ("DK25", None)
    assert Decimal(found["amount"]["amount"]) == in_sek
    ours, theirs = (Decimal(one) for one in boxes(said)["05"])
    assert theirs - ours == in_sek
    assert (said["differences"], said["unexplained"]["amount"]) == ([], "0.00")


async def test_an_invoice_that_was_changed_and_one_that_was_cancelled_are_found(world: World) -> None:
    """By hand, past the API: the VAT of one is on the Swedish account, the other's voucher is gone."""
    checkouts = await the_year(world)
    changed, gone = (invoice_of(world, checkouts[number]) for number in (2, 8))
    first = voucher_of(world, changed)
    put_in_place(world, first, replace(first, rows=tuple(moved(row) for row in first.rows)))
    world.company.books.vouchers.remove(voucher_of(world, gone))
    world.company.invoices[gone]["Cancelled"] = True
    _, vat_changed = in_sek(SALES[2])
    net_gone, vat_gone = in_sek(SALES[8])

    await asks_fortnox(world)
    said = await vat(world)

    assert differing(said) == [
        ("differs", 2611, f"{vat_changed}"),
        ("differs", 2671, f"-{vat_changed}"),
        ("missing", 2672, f"-{vat_gone}"),
        ("missing", 3162, f"-{net_gone}"),
    ]
    assert {(one["document"], one["number"]) for one in said["differences"]} == {
        ("invoice", changed),
        ("invoice", gone),
    }
    assert {one["text"] for one in said["differences"] if one["kind"] == "missing"} == {
        "cancelled in Fortnox"
    }
    assert all(one["reference"].startswith("S") and one["sale_id"] for one in said["differences"])
    assert said["unexplained"]["amount"] == "0.00"
    listed = await oss(world, "2026Q2")
    off = {one["account"]: one["difference"]["amount"] for one in listed["accounts"]}
    assert off == {2671: f"-{vat_changed}", 2672: f"-{vat_gone}", 2673: "0.00", 2674: "0.00"}
    assert differing(listed) == [("differs", 2671, f"-{vat_changed}"), ("missing", 2672, f"-{vat_gone}")]


async def test_an_invoice_that_somebody_else_made_is_named_as_theirs(world: World) -> None:
    world.on("2026-05-04")
    customer = Customers(world.company).create({"Name": "Kalle Kund", "Type": "PRIVATE"}, {})
    row = {"Description": "Mugg", "Price": Decimal(100), "DeliveredQuantity": 1, "VAT": 25}
    wanted = {"CustomerNumber": customer["CustomerNumber"], "InvoiceRows": [row | {"AccountNumber": 3001}]}
    made = str(Invoices(world.company).create(wanted, {})["DocumentNumber"])
    Invoices(world.company).act(made, "PUT bookkeep")

    await asks_fortnox(world)
    said = await vat(world)

    assert differing(said) == [("by_others", 2611, "25.00"), ("by_others", 3001, "100.00")]
    assert {(one["document"], one["number"], one["sale_id"]) for one in said["differences"]} == {
        ("invoice", made, "")
    }
    assert boxes(said)["05"] == ("0.00", "100.00")


async def test_the_tie_out_is_a_table_too(world: World) -> None:
    await the_year(world)
    await by_hand(world, "2026-06-10", [(2611, "100.00"), (1930, "-100.00")])
    await asks_fortnox(world)

    answer = await world.gateway.get(
        f"/api/v1/connections/{CONNECTION}/vat?from=2026-04-01&to=2026-06-30&format=csv",
        headers=await bearer(world),
    )

    rows = list(csv.DictReader(answer.text.splitlines()))
    found = {
        (row["part"], row["what"], row["account"]): (row["ours"], row["fortnox"], row["sek"]) for row in rows
    }
    assert found["box", "10", ""] == ("0.00", "-100.00", "-100.00")
    assert found["difference", "by_hand", "2611"] == ("", "", "-100.00")
    assert found["unexplained", "", ""] == ("", "", "0.00")


async def test_an_operator_can_have_the_look_now(world: World) -> None:
    world.on("2026-05-04")
    run = await ask(world, "POST", f"/connections/{CONNECTION}/jobs/vat_tie_out/run", {"date": "2026-02-01"})
    await world.works()

    ended = await ask(world, "GET", f"/runs/{run['run_id']}")

    (item,) = ended["items"]
    assert (item["state"], item["text"]) == (
        "done",
        "2026-01-01 to 2026-12-31: 0 documents are booked otherwise, 0 vouchers are not ours",
    )


def invoice_of(world: World, checkout: int) -> str:
    return next(
        str(one["DocumentNumber"])
        for one in world.invoices
        if one["ExternalInvoiceReference2"] == str(checkout) and one["Total"] > 0
    )


def voucher_of(world: World, invoice: str) -> Voucher:
    return next(one for one in world.company.vouchers if one.reference_number == invoice)


def put_in_place(world: World, old: Voucher, new: Voucher) -> None:
    vouchers = world.company.books.vouchers
    vouchers[vouchers.index(old)] = new


def moved(row: VoucherRow) -> VoucherRow:
    return replace(row, account=2611) if row.account == 2671 else row


def in_sek(sale: Sale) -> tuple[Decimal, Decimal]:
    """Net and VAT of all pieces, as booked."""
    rate = SEK_PER_UNIT[sale.market]
    net, vat_of_it = net_and_vat(sale, sale.pieces)
    return (
        (net * rate).quantize(CENT, ROUND_HALF_UP),
        (vat_of_it * rate).quantize(CENT, ROUND_HALF_UP),
    )
