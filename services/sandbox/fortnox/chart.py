"""The reference company's settings: accounts, VAT codes, currencies, modes of payment, series, units."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass
class Account:
    """A line of the chart of accounts."""

    number: int
    description: str
    vat_code: str | None = None
    active: bool = True
    sru: int = 0
    balance_brought_forward: Decimal = Decimal(0)


@dataclass(frozen=True)
class VatCode:
    """A VAT rate that is set up: its code and the liability account, None when there is no VAT."""

    code: str
    rate: Decimal
    account: int | None


@dataclass
class Currency:
    """SEK for `unit` units of the currency."""

    code: str
    description: str
    buy_rate: Decimal
    sell_rate: Decimal
    unit: Decimal = Decimal(1)
    automatic: bool = True
    date: str | None = None


@dataclass
class VoucherSeries:
    """A series; only a manual one takes vouchers from outside."""

    code: str
    description: str
    manual: bool


def standard_accounts() -> dict[int, Account]:
    """The chart of the reference company."""
    lines = (line.split(None, 2) for line in _ACCOUNTS.strip().splitlines())
    accounts = (Account(int(number), text, None if code == "-" else code) for number, code, text in lines)
    return {account.number: account for account in accounts}


def standard_vat_codes() -> list[VatCode]:
    """Swedish codes first: of two codes with one rate the first is the rate's own."""
    lines = (line.split() for line in _VAT_CODES.strip().splitlines())
    return [
        VatCode(code, Decimal(rate), None if account == "-" else int(account))
        for code, rate, account in lines
    ]


def standard_currencies() -> dict[str, Currency]:
    """SEK and four others; sell rates of the acceptance cases, buy rates a little below."""
    lines = (line.split(None, 3) for line in _CURRENCIES.strip().splitlines())
    return {
        code: Currency(code, name, Decimal(buy), Decimal(sell), automatic=code != "SEK")
        for code, buy, sell, name in lines
    }


def standard_modes_of_payment() -> dict[str, tuple[str, int]]:
    """Code -> description, account."""
    lines = (line.split(None, 2) for line in _MODES_OF_PAYMENT.strip().splitlines())
    return {code: (text, int(account)) for code, account, text in lines}


def standard_voucher_series() -> dict[str, VoucherSeries]:
    """A and S take vouchers from outside; B and C are the ledgers' own."""
    series = [
        ("A", "Manuella", True),
        ("B", "Kundfakturor", False),
        ("C", "Kundinbetalningar", False),
        ("S", "Svea", True),
    ]
    return {code: VoucherSeries(code, text, manual) for code, text, manual in series}


PREDEFINED_VOUCHER_SERIES = {"INVOICE": "B", "INVOICEPAYMENT": "C", "MANUAL": "A"}

PREDEFINED_ACCOUNTS = {
    "ADMFEE": 3540,
    "BG": 1930,
    "CASH": 1910,
    "CURRENCYLOSS": 7960,
    "CURRENCYWIN": 3960,
    "CUSTCLAIM": 1510,
    "FREIGHT": 3520,
    "INVAT": 2641,
    "OUTVAT_MP1": 2611,
    "OUTVAT_MP2": 2621,
    "OUTVAT_MP3": 2631,
    "PG": 1930,
    "ROUNDOFF": 3740,
    "SALES": 3001,
    "SALES_0_SE": 3004,
    "SALES_12_SE": 3002,
    "SALES_25_SE": 3001,
    "SALES_6_SE": 3003,
    "SALESEUREV": 3108,
    "SALESEUVAT": 3106,
    "SALESEXPORT": 3105,
}

STANDARD_TERMS_OF_PAYMENT = {
    "0": "0 dagar",
    "10": "10 dagar",
    "15": "15 dagar",
    "20": "20 dagar",
    "30": "30 dagar",
    "AG": "Autogiro",
    "K": "Kontant",
    "PF": "Postförskott",
}

STANDARD_UNITS = {"st": "Styck", "pcs": "Pieces", "kg": "Kilogram"}

_VAT_CODES = """
MP1   25    2611
MP2   12    2621
MP3   6     2631
MP0   0     -
MF    0     -
E     0     -
VTEU  0     -
FTEU  0     -
TTEU  0     -
OTTU  0     -
DE19  19    2671
FI255 25.5  2672
DK25  25    2673
DE7   7     2674
NO25  25    2899
NO15  15    2899
"""

_CURRENCIES = """
SEK 1     1     Svensk krona
EUR 11.18 11.20 Euro
NOK 0.97  0.98  Norsk krona
DKK 1.49  1.50  Dansk krona
USD 10.45 10.50 US-dollar
"""

_MODES_OF_PAYMENT = """
BG       1930 Bankgiro
PG       1930 Plusgiro
KONTANT  1910 Kontant
SVEASE   1581 Svea Sverige
SVEAFI   1582 Svea Finland
SVEANO   1583 Svea Norge
OBS      2999 OBS-konto
FORSKOTT 2420 Förskott från kunder
"""

_ACCOUNTS = """
1510 -     Kundfordringar
1580 -     Fordringar för kontokort och kuponger
1581 -     Svea avräkning Sverige
1582 -     Svea avräkning Finland
1583 -     Svea avräkning Norge
1686 -     Fordringar på kortföretag och betaltjänster
1689 -     Deposition hos Svea
1910 -     Kassa
1930 -     Företagskonto
1940 -     Pengar på väg
1981 -     Valutakonto EUR
1982 -     Valutakonto NOK
2420 -     Förskott från kunder
2421 -     Ej inlösta presentkort
2429 -     Tillgodohavanden
2611 -     Utgående moms 25 %
2621 -     Utgående moms 12 %
2631 -     Utgående moms 6 %
2640 -     Ingående moms
2641 -     Debiterad ingående moms
2650 -     Redovisningskonto för moms
2670 -     Utgående moms OSS
2671 -     Utgående moms OSS Tyskland 19 %
2672 -     Utgående moms OSS Finland 25,5 %
2673 -     Utgående moms OSS Danmark 25 %
2674 -     Utgående moms OSS Tyskland 7 %
2899 -     VOEC Norge
2999 -     OBS-konto
3001 MP1   Försäljning inom Sverige, 25 % moms
3002 MP2   Försäljning inom Sverige, 12 % moms
3003 MP3   Försäljning inom Sverige, 6 % moms
3004 MF    Försäljning inom Sverige, momsfri
3105 E     Försäljning varor till land utanför EU
3106 MP1   Försäljning varor till annat EU-land, momspliktig
3108 VTEU  Försäljning varor till annat EU-land, momsfri
3161 DE19  Försäljning OSS Tyskland 19 %
3162 FI255 Försäljning OSS Finland 25,5 %
3163 DK25  Försäljning OSS Danmark 25 %
3164 DE7   Försäljning OSS Tyskland 7 %
3305 OTTU  Försäljning tjänster till land utanför EU
3308 FTEU  Försäljning tjänster till annat EU-land
3520 MP1   Fakturerade frakter 25 %
3521 VTEU  Fakturerade frakter, EU-land
3522 E     Fakturerade frakter, export
3523 MP2   Fakturerade frakter 12 %
3524 MP3   Fakturerade frakter 6 %
3540 MP1   Faktureringsavgifter
3730 -     Lämnade rabatter
3740 -     Öres- och kronutjämning
3960 -     Valutakursvinster på fordringar och skulder av rörelsekaraktär
3990 -     Övriga ersättningar och intäkter
4000 -     Inköp av varor
6040 -     Kontokortsavgifter
6064 -     Avgifter faktura och delbetalning
6570 -     Bankkostnader
7960 -     Valutakursförluster på fordringar och skulder av rörelsekaraktär
"""
