"""The demo's chapter of returns: the check of the settings, VAT against Fortnox, and the OSS list."""

from decimal import Decimal

from services.local.demo.operations import Operations
from services.local.demo.show import Show

SAMPLES_ON, FIRST, LAST = "2026-02-05", "2026-01-01", "2026-12-31"
QUARTER, LAST_OF_QUARTER = "2026Q1", "2026-03-31"
RATES = {"DKK": "7.4600", "SEK": "11.0000"}  # of the demo, and not the ECB's


class ReturnsChapter:
    """Asks and shows. `differences` collects whatever is not as it must be."""

    def __init__(self, operations: Operations, show: Show) -> None:
        self._operations = operations
        self._show = show
        self.differences: list[str] = []

    def play(self) -> None:
        self._show.chapter("The settings, and what the returns will say")
        self._preflight()
        self._vat()
        self._oss()

    def _preflight(self) -> None:
        findings = self._operations.preflight()
        self._show.findings(findings)
        self.differences += [f"pre-flight: {one['message']}" for one in findings if one["blocking"]]

    def _vat(self) -> None:
        self._operations.run_to_its_end("vat_tie_out", {"date": SAMPLES_ON})
        found = self._operations.vat(FIRST, LAST)
        self._show.vat(found)
        for one in found["differences"]:
            amount, voucher = one["amount"]["amount"], one["voucher"]
            self.differences.append(f"VAT: {one['kind']} {amount} on {one['account']}, {voucher}")
        self.differences += [f"VAT: {one['account']} has code {one['code']}" for one in found["miscoded"]]
        if found["unexplained"] is None or Decimal(found["unexplained"]["amount"]):
            self.differences.append(f"VAT: {found['unexplained']} is unexplained")

    def _oss(self) -> None:
        self._operations.supply_rates(QUARTER, LAST_OF_QUARTER, RATES)
        found = self._operations.oss(QUARTER)
        self._show.oss(found)
        off = [one for one in found["accounts"] if Decimal(one["difference"]["amount"])]
        self.differences += [f"OSS: {one['account']} differs by {one['difference']['amount']}" for one in off]
        self.differences += [f"OSS: no rate of {one['currency']}" for one in found["missing_rates"]]
        if not found["lines"]:
            self.differences.append("OSS: nothing was listed")
