"""What the sample sales must have become, worked out by hand from the sample files, not by a program.

How each figure was made: a row's VAT is its price including VAT less that price / (1 + rate), to the öre; the
rows of one account are summed in the sale's currency, and that sum is taken times the currency's rate
(EUR 11.20, NOK 0.98, DKK 1.50), to the öre. Accounts are SEK over all vouchers of the sale, debit positive.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

Documents = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class ExpectedSale:
    """`documents`: kind, total in the sale's currency, state; in any order."""

    state: str
    documents: Documents = ()
    accounts: tuple[tuple[int, str], ...] = ()

    @property
    def by_account(self) -> dict[int, Decimal]:
        return {account: Decimal(amount) for account, amount in self.accounts}


def sold(*totals: str) -> Documents:
    """Each delivery has an order of its own and one invoice."""
    return tuple(
        document
        for total in totals
        for document in (("order", total, "invoiced"), ("invoice", total, "booked"))
    )


def credited(*totals: str) -> Documents:
    return tuple(("credit invoice", f"-{total}", "booked") for total in totals)


# In brackets: without VAT.
# A  Delivery 7200501, all 25 %: tent 2499.00 (1999.20), discount -250.00 (-200.00), shipping 49.00 (39.20),
#    invoice fee 29.00 (23.20).
#    Delivery 7200502: 2 books 298.00 at 6 % (281.13), 3 meals 267.00 at 12 % (238.39).
#    Credit 4100801: 1 book 149.00 at 6 % (140.57).
A = ExpectedSale(
    "done",
    (*sold("2327.00", "565.00"), *credited("149.00")),
    (
        (1510, "2743.00"),
        (2611, "-465.40"),
        (2621, "-28.61"),
        (2631, "-8.44"),  # 16.87 less 8.43
        (3001, "-1799.20"),
        (3002, "-238.39"),
        (3003, "-140.56"),  # 281.13 less 140.57
        (3520, "-39.20"),
        (3540, "-23.20"),
    ),
)
# A once everything was given back. Two books on one row are 281.13 without VAT, two single books 2 x 140.57:
# the last refund takes what is left of sales and of VAT, so that no öre stays on either.
A_GIVEN_BACK = ExpectedSale("done", (*sold("2327.00", "565.00"), *credited("149.00", "2327.00", "416.00")))
SALES: Mapping[int, ExpectedSale] = {
    9300101: A,
    # B  NOK: jacket 1299.00 (1039.20) and shipping 99.00 (79.20) at 25 %, chocolate 198.00 at 15 % (172.17);
    #    everything given back as one amount without rows.
    9300201: ExpectedSale("done", (*sold("1596.00"), *credited("1596.00"))),
    # B2 NOK 0.98: skis 2499.00 less 10 % = 2249.10 (1799.28), shipping 249.90 (199.92): 1999.20, VAT 499.80.
    9300202: ExpectedSale(
        "done", sold("2499.00"), ((1510, "2449.02"), (2899, "-489.80"), (3105, "-1959.22"))
    ),
    # C  EUR 11.20: 4 lamps 319.60 (254.66) and shipping 12.90 (10.28) at 25.5 %: 264.94 and VAT 67.56;
    #    2 gift cards 100.00 without VAT, a liability.
    9300301: ExpectedSale(
        "done",
        sold("432.50"),
        ((1510, "4844.00"), (2421, "-1120.00"), (2672, "-756.67"), (3162, "-2967.33")),
    ),
    # D  DKK 1.50: 3 mugs 387.00 less 38.70 = 348.30 (278.64), shipping 39.00 (31.20): 309.84 and VAT 77.46;
    #    100.00 paid with a gift card.
    9300401: ExpectedSale(
        "done", sold("287.30"), ((1510, "430.95"), (2421, "150.00"), (2673, "-116.19"), (3163, "-464.76"))
    ),
    # E  EUR 11.20: bag 89.90 (75.55) and shipping 5.90 (4.96) at 19 %: 80.51 and VAT 15.29;
    #    guide 24.90 at 7 % (23.27): VAT 1.63.
    9300501: ExpectedSale(
        "done",
        sold("120.70"),
        ((1510, "1351.84"), (2671, "-171.25"), (2674, "-18.26"), (3161, "-901.71"), (3164, "-260.62")),
    ),
    # F  Cancelled before delivery: the order is cancelled, nothing is in the books.
    9300102: ExpectedSale("done", (("order", "448.00", "cancelled"),)),
    # G  2 hats 450.00 (360.00), shipping 49.00 (39.20); the credit that failed at Svea is no credit here.
    9300103: ExpectedSale(
        "done", sold("499.00"), ((1510, "499.00"), (2611, "-99.80"), (3001, "-360.00"), (3520, "-39.20"))
    ),
    # H  Stove 1221.00 (976.80), shipping 49.00 (39.20), invoice fee 29.00 (23.20).
    9300104: ExpectedSale(
        "done",
        sold("1299.00"),
        ((1510, "1299.00"), (2611, "-259.80"), (3001, "-976.80"), (3520, "-39.20"), (3540, "-23.20")),
    ),
    # I  Expired: the order is cancelled.
    9300106: ExpectedSale("done", (("order", "7999.00", "cancelled"),)),
    # A checkout that the buyer never confirmed.
    9300190: ExpectedSale("skipped"),
}
WHILE_PENDING = ExpectedSale("waiting")
PURCHASES: Mapping[str, ExpectedSale] = {
    # M1  Mug 249.00 (199.20), jug 349.00 (279.20), freight 49.00 (39.20); the mug is given back.
    "M1": ExpectedSale(
        "done",
        (*sold("647.00"), *credited("249.00")),
        ((1510, "398.00"), (2611, "-79.60"), (3001, "-279.20"), (3520, "-39.20")),
    ),
    # M2  Shirt 299.00 (239.20) and freight 59.00 (47.20) at 25 %, book 106.00 (100.00) and map 53.00 (50.00)
    #     at 6 %; the book is given back.
    "M2": ExpectedSale(
        "done",
        (*sold("517.00"), *credited("106.00")),
        (
            (1510, "411.00"),
            (2611, "-71.60"),
            (2631, "-3.00"),
            (3001, "-239.20"),
            (3003, "-50.00"),
            (3520, "-47.20"),
        ),
    ),
    # M3  3 mugs 747.00 (597.60), freight 49.00 (39.20); 1 mug given back.
    "M3": ExpectedSale(
        "done",
        (*sold("796.00"), *credited("249.00")),
        ((1510, "547.00"), (2611, "-109.40"), (3001, "-398.40"), (3520, "-39.20")),
    ),
}
