"""Every way a run can fail, by who acts.

SlussError
├── Retryable          nobody acts: the world may change by itself
│   ├── Unavailable        429, 5xx, timeout, connection refused
│   ├── InDoubt            a write went out and no answer came back
│   ├── LeaseLost          another worker has the subject now
│   └── NotYet             the source is not ready (pending order, parent document missing)
├── NeedsAttention     a person acts; each has a page docs/problems/<code>.md
└── Rejected           nobody acts, ever: not ours, or not real

Anything else that escapes a run is our bug, shown with the code ``bug``.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar


class SlussError(Exception):
    """Base of everything we raise on purpose; ``facts`` are the numbers a person needs."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, facts: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.facts: dict[str, str] = dict(facts or {})


class Retryable(SlussError):
    """The world may change by itself; ``retry_after`` is what the other side asked for, if it did."""

    code = "retryable"

    def __init__(
        self, message: str, *, retry_after: timedelta | None = None, facts: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message, facts=facts)
        self.retry_after = retry_after


class Unavailable(Retryable):
    """The other system could not be reached, or asked us to come back."""

    code = "unavailable"


class InDoubt(Retryable):
    """A write was sent and its answer never came: it may or may not have happened."""

    code = "in_doubt"


class LeaseLost(Retryable):
    """Another worker holds the subject now; whatever we meant to write must not be written."""

    code = "lease_lost"


class NotYet(Retryable):
    """What we wait for has not happened; waiting is normal and never counts as a failed try."""

    code = "not_yet"


class NeedsAttention(SlussError):
    """Goes on once a person changes something; ``cure`` says what, in a bookkeeper's words."""

    code = "needs_attention"
    cure: ClassVar[str] = "Read the message, correct the cause and press retry."


class Unbalanced(NeedsAttention):
    """Parts that should add up do not; nothing was written."""

    code = "unbalanced"
    cure = "Compare the rows with the total in the source system. Nothing was booked."


class Mismatch(NeedsAttention):
    """What Fortnox made differs from what we asked for; it was not made final."""

    code = "mismatch"
    cure = "Open the unbooked document in Fortnox, correct the setting that is named, then retry."


class MissingMapping(NeedsAttention):
    """No account is configured for this treatment, country and rate."""

    code = "missing_mapping"
    cure = "Add the line that is named to `sales` in the connection, then retry."


class NotRegistered(NeedsAttention):
    """VAT of another country was charged on a day when the merchant was not registered for it."""

    code = "not_registered"
    cure = "Correct the days under `registrations`, or correct what the shop charges; then retry."


class VatNumberUnfit(NeedsAttention):
    """No VAT was charged to a business whose VAT number does not explain that."""

    code = "vat_number_unfit"
    cure = "Correct the buyer's VAT number in the shop and retry; or credit the sale and charge VAT."


class UnknownVatRate(NeedsAttention):
    """Fortnox does not have this VAT rate or code."""

    code = "unknown_vat_rate"
    cure = "Add the VAT rate in Fortnox under Settings, Invoicing, VAT, then retry."


class MissingAccount(NeedsAttention):
    """An account that the mapping names does not exist or is not active in that year."""

    code = "missing_account"
    cure = "Create or activate the account in Fortnox' chart of accounts for that year, then retry."


class MissingCurrency(NeedsAttention):
    """Fortnox does not have the currency of the document."""

    code = "missing_currency"
    cure = "Add the currency in Fortnox under Settings, Currencies. The sale goes on by itself."


class RateDoubtful(NeedsAttention):
    """The shop's rate of a currency is too far from Fortnox' to be booked unasked."""

    code = "rate_doubtful"
    cure = "Compare the shop's rate with the market; correct it, or raise `rates.max_difference`; then retry."


class MissingFinancialYear(NeedsAttention):
    """No financial year covers the date of the document."""

    code = "missing_financial_year"
    cure = "Create the financial year in Fortnox and retry, or choose another day for it (`book-on`)."


class CashMethod(NeedsAttention):
    """The books of that year are kept by the cash method, where an invoice is not booked on its day."""

    code = "cash_method"
    cure = "Change the year to the accrual method in Fortnox and retry, or choose a day in another year."


class MissingVoucherSeries(NeedsAttention):
    """The series does not exist in that financial year, or takes no vouchers made by hand."""

    code = "missing_voucher_series"
    cure = "Make the series in Fortnox for that year and mark it as manual, or choose another, then retry."


class PeriodLocked(NeedsAttention):
    """The date of the document lies in a locked period; dates are never moved by themselves."""

    code = "period_locked"
    cure = "Open the period in Fortnox and retry, or choose another day for it (`book-on`)."


class MissingRights(NeedsAttention):
    """The Fortnox user, licence or scope does not allow this."""

    code = "missing_rights"
    cure = "Give the integration user the licence or right that is named, then retry."


class ConnectionRevoked(NeedsAttention):
    """The other system no longer accepts our credentials or consent."""

    code = "connection_revoked"
    cure = "Give consent again, or correct the credentials of the connection."


class ConnectionInactive(NeedsAttention):
    """The connection is switched off or unknown; its subjects wait until it is switched on."""

    code = "connection_inactive"
    cure = "Activate the connection; what waited goes on by itself."


class ForeignOrder(NeedsAttention):
    """Svea says the order belongs to another merchant than the ones of this connection."""

    code = "foreign_order"
    cure = "Check which key set the order belongs to, and add that market to the connection."


class UnknownCheckout(NeedsAttention):
    """No Svea order has this checkout id."""

    code = "unknown_checkout"
    cure = "Check the checkout id against Svea. If it was mistyped, ignore this sale."


class UnknownShopOrder(NeedsAttention):
    """The shop has no order with this number."""

    code = "unknown_shop_order"
    cure = "Check the order in Magento. If it was deleted there, ignore this sale."


class OverCredited(NeedsAttention):
    """The credits would exceed the invoice they credit."""

    code = "over_credited"
    cure = "Compare the credits in Fortnox with those at Svea; one was probably made by hand."


class AlreadyPaid(NeedsAttention):
    """Nothing is left of the invoice: somebody has paid it in Fortnox already."""

    code = "already_paid"
    cure = "Look at the invoice's payments in Fortnox, and decide what the money that came is for."


class PaymentStands(NeedsAttention):
    """A person said that a payment was taken away in Fortnox, and it is still there."""

    code = "payment_stands"
    cure = "Remove the payment that is named in Fortnox, or undo what was chosen for its row."


class UnknownPayout(NeedsAttention):
    """Nothing is known of this payout: its report was never read, or its market is gone."""

    code = "unknown_payout"
    cure = "Run the job `payouts` for its day; check that its market is in the connection."


class ReportsNotActivated(NeedsAttention):
    """Svea does not let this merchant read its payout reports."""

    code = "reports_not_activated"
    cure = "Ask Svea to activate reports for the merchant that is named, then run the job again."


class PayoutChanged(NeedsAttention):
    """Svea's report of a payout says something else than when it was booked."""

    code = "payout_changed"
    cure = "Compare the rows that are named; make the correction voucher by hand if Svea is right."


class RefundsDisagree(NeedsAttention):
    """What the shop and Svea say was given back cannot be told to be the same."""

    code = "refunds_disagree"
    cure = (
        "Compare the credit memos with Svea's refunds. If a memo is one of them in another amount, add its "
        "number to `magento.refunds.disregard`."
    )


class ShopOrderMissing(NeedsAttention):
    """The order of a Svea sale never came in Magento, and the merchant wants to be asked."""

    code = "shop_order_missing"
    cure = "Look for the order in Magento. If there is none, set `magento.without_order` to `svea_rows`."


class RefusedByFortnox(NeedsAttention):
    """Fortnox refused the document for a reason that needs a person."""

    code = "refused_by_fortnox"
    cure = "Read Fortnox' own words in the message, correct the cause and retry."


class RefusedBySvea(NeedsAttention):
    """Svea refused the call for a reason that needs a person."""

    code = "refused_by_svea"
    cure = "Read Svea's own words in the message, and check the merchant's agreement."


class RefusedByMagento(NeedsAttention):
    """Magento refused the call for a reason that needs a person."""

    code = "refused_by_magento"
    cure = "Read Magento's own words in the message, correct the cause in the shop and retry."


class MagentoCredentials(NeedsAttention):
    """Magento does not know our keys, or does not find our signature right."""

    code = "magento_credentials"
    cure = "Compare the keys of the connection with the shop's integration, and the address of the shop."


class MagentoRights(NeedsAttention):
    """The shop's integration lacks a resource, or our token is not seen as one of it."""

    code = "magento_rights"
    cure = "Give the integration the resource that is named, in Magento under System, Integrations, API."


class UnreadableAnswer(NeedsAttention):
    """The other system answered with something that its contract does not allow."""

    code = "unreadable_answer"
    cure = "Send the exchange that is shown on the subject to support; then retry."


class ChangedAfterBooking(NeedsAttention):
    """The source changed something that is already booked and cannot be changed any more."""

    code = "changed_after_booking"
    cure = "Compare the booked document with the source; correct by hand what differs, then ignore."


class InvoiceCancelled(NeedsAttention):
    """Somebody cancelled an invoice of ours, and of its order Fortnox makes no second one."""

    code = "invoice_cancelled"
    cure = "Enter the sale in Fortnox by hand, then ignore it here with a reason."


class TriesExhausted(NeedsAttention):
    """It could have healed by itself for long enough, and did not."""

    code = "tries_exhausted"
    cure = "Check that the other system is up and reachable, then retry."


class Bug(NeedsAttention):
    """We made a mistake; the trace is kept with the subject."""

    code = "bug"
    cure = "Nothing to do in the books. Report the trace to the developers; retry after an update."


class Rejected(SlussError):
    """Not ours, or not real: nobody has to act."""

    code = "rejected"
