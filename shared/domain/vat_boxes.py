"""Which box of the Swedish VAT return an account stands in.

Boxes: Skatteverket's form SKV 4700. Codes: those that Swedish bookkeeping programs share, as printed in
the VAT report of Fribok (SSVATReport2007Printer), whose codes Fortnox uses (MP1, VTEU, E, MF, ...). VAT
accounts without a code are known by their number in BAS 2026.
"""

from collections.abc import Mapping
from decimal import Decimal

from shared.domain.vat.treatment import Treated
from shared.domain.vat_books import RATE_CODES, VatAccount

SAYS: Mapping[str, str] = {
    "05": "Taxable sales, not in 06, 07 or 08",
    "06": "Taxable withdrawals",
    "07": "Taxable amount with profit margin taxation",
    "08": "Rent with voluntary tax liability",
    "10": "Output VAT 25 %",
    "11": "Output VAT 12 %",
    "12": "Output VAT 6 %",
    "20": "Purchases of goods from another EU country",
    "21": "Purchases of services from another EU country",
    "22": "Purchases of services from outside the EU",
    "23": "Purchases of goods in Sweden, buyer liable",
    "24": "Other purchases of services in Sweden, buyer liable",
    "30": "Output VAT 25 % on purchases",
    "31": "Output VAT 12 % on purchases",
    "32": "Output VAT 6 % on purchases",
    "35": "Sales of goods to another EU country",
    "36": "Sales of goods outside the EU",
    "37": "Purchases by a middleman in triangulation",
    "38": "Sales by a middleman in triangulation",
    "39": "Sales of services to businesses in another EU country",
    "40": "Other sales of services supplied abroad",
    "41": "Sales where the buyer in Sweden is liable",
    "42": "Other sales without VAT",
    "48": "Input VAT",
    "49": "VAT to pay or get back",
    "50": "Taxable amount of imports",
    "60": "Output VAT 25 % on imports",
    "61": "Output VAT 12 % on imports",
    "62": "Output VAT 6 % on imports",
}
BOX_OF_CODE: Mapping[str, str] = {
    **dict.fromkeys(("MP1", "MP2", "MP3", "PTOG"), "05"),
    **dict.fromkeys(("MU1", "MU2", "MU3"), "06"),
    "MBBU": "07",
    "MPFF": "08",
    **dict.fromkeys(("U1", "UVL"), "10"),
    "U2": "11",
    "U3": "12",
    "VFEU": "20",
    "TFEU": "21",
    "TFFU": "22",
    "IVIS": "23",
    "ITIS": "24",
    **dict.fromkeys(("U1MI", "UEU", "UTFU"), "30"),
    "U2MI": "31",
    "U3MI": "32",
    **dict.fromkeys(("VTEU", "ÖVEU"), "35"),
    "E": "36",
    "3VEU": "37",
    "3FEU": "38",
    "FTEU": "39",
    **dict.fromkeys(("OTTU", "ÖTTU"), "40"),
    "OMSS": "41",
    "MF": "42",
    **dict.fromkeys(("I", "IVL"), "48"),
}
VAT_BOX_OF_CODE = {"MP1": "10", "MP2": "11", "MP3": "12"}  # of the VAT that comes with sales of the code
VAT_BOX_OF_ACCOUNT: Mapping[str, str] = {
    **dict.fromkeys(("2610", "2611", "2612", "2613", "2616"), "10"),
    **dict.fromkeys(("2620", "2621", "2622", "2623", "2626"), "11"),
    **dict.fromkeys(("2630", "2631", "2632", "2633", "2636"), "12"),
    "2614": "30",
    "2624": "31",
    "2634": "32",
    "2615": "60",
    "2625": "61",
    "2635": "62",
}
PURCHASES = frozenset({"20", "21", "22", "23", "24", "37", "48", "50"})  # debit is positive in these
TO_PAY = ("10", "11", "12", "30", "31", "32", "60", "61", "62")
UNTAXED = {
    ("domestic", "goods"): "MF",
    ("domestic", "services"): "MF",
    ("eu_business", "goods"): "VTEU",
    ("eu_business", "services"): "FTEU",
    ("export", "goods"): "E",
    ("export", "services"): "OTTU",
    ("voec", "goods"): "E",
    ("voec", "services"): "OTTU",
}


def box_of(account: VatAccount) -> str | None:
    """None for what stands in no box of this return: OSS, VOEC, and accounts without a code."""
    if account.code is not None and account.code in BOX_OF_CODE:
        return BOX_OF_CODE[account.code]
    for code in account.takes:
        if code in VAT_BOX_OF_CODE:
            return VAT_BOX_OF_CODE[code]
    if account.is_input:
        return "48"
    return VAT_BOX_OF_ACCOUNT.get(str(account.number))


def code_of_sale(treated: Treated, rate: Decimal, code: str | None) -> str:
    """The VAT code that the sales account of such a sale has to carry; empty where it needs none."""
    if treated.treatment == "oss":
        return code or ""
    if treated.treatment in ("domestic", "eu_consumer") and rate:
        return RATE_CODES.get(rate, code or "")
    return UNTAXED.get((treated.treatment, treated.supply), code or "")


def boxes_of_sale(treated: Treated, rate: Decimal) -> tuple[str | None, str | None]:
    """Where its base and its VAT belong."""
    if treated.treatment == "oss":
        return None, None
    base = BOX_OF_CODE.get(code_of_sale(treated, rate, None))
    swedish = treated.treatment in ("domestic", "eu_consumer")
    return base, VAT_BOX_OF_CODE.get(RATE_CODES.get(rate, "")) if swedish else None


def in_box(box: str, amount: Decimal) -> Decimal:
    """As the return has it: purchases and input VAT are positive there when they are debited."""
    return -amount if box in PURCHASES else amount
