"""Everything that Fortnox says no to, with its code.

Codes from 2999001 upwards are **invented**: the refusal is known, its code is not. A client must not depend
on them. `docs/sandbox-fortnox.md` lists them.
"""


class Refusal(Exception):
    """An answer other than 2xx. A 404 is spelled with capitals, the rest without: both as recorded."""

    def __init__(self, code: int, message: str, *, status: int = 400) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message
        self.status = status

    def body(self) -> dict[str, dict[str, int | str]]:
        """The body as recorded for the status."""
        if self.status == 404:
            return {"ErrorInformation": {"Error": 1, "Message": self.message, "Code": self.code}}
        return {"ErrorInformation": {"error": 1, "message": self.message, "code": self.code}}


class Unbalanced(AssertionError):
    """The stand-in itself made a voucher that does not balance: a defect of the stand-in."""


VAT_RATE_NOT_SET_UP = 2999001
VAT_CODE_UNKNOWN = 2999002
ALREADY_INVOICED = 2999003
ALREADY_CREDITED = 2999004
ALREADY_BOOKED = 2999005
DUPLICATE_NUMBER = 2999006
NO_FINANCIAL_YEAR = 2999007
CANCELLED = 2999008
NOT_BOOKED = 2999009
TOO_MANY_ROWS = 2999010
COUNTRY_IS_A_CODE = 2999011
NOT_A_DATE = 2999012
NULL_NOT_ACCEPTED = 2999013
UNKNOWN_ROW = 2999014
VOUCHER_DOES_NOT_BALANCE = 2999015
SERIES_NOT_MANUAL = 2999016
NO_BOOKKEEPING_IN_CASH_METHOD = 2999018
SETTLES_TOO_MUCH = 2999019
AUTOMATIC_CURRENCY = 2999020
IN_USE = 2999021
NO_SUCH_METHOD = 2999022
NOT_ONE_OF = 2999023
INACTIVE = 2999024
DISCOUNT_ABOVE_ALL = 2999025
OUTSIDE_FINANCIAL_YEAR = 2999026
BAD_EMAIL = 2999027
MISSING_FIELD = 2999028
DATE_ORDER = 2999029
NO_SUCH_FILE = 2999030
FILE_IS_CONNECTED = 2999031
TOO_MANY_ITEMS = 2999032


def not_found(code: int, what: str) -> Refusal:
    """`Kan inte hitta ordern.`"""
    return Refusal(code, f"Kan inte hitta {what}.", status=404)
