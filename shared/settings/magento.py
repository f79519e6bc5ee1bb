"""The Magento shop of a connection: where it is, how we sign, and which of its orders are booked how."""

from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Literal, Self

from pydantic import Field, model_validator

from shared.settings.magento_webhooks import MagentoWebhooks
from shared.settings.section import Account, Secret, Section
from shared.settings.shop_documents import ShopDocuments


class PaymentMethod(Section):
    """What an order that was not paid through Svea gives."""

    method: str = Field(description="Magento's code of the payment method; `*` matches.")
    books: Literal["order", "invoice", "paid"] = Field(
        "invoice",
        description="`order`: no invoice; `invoice`: an unpaid invoice; `paid`: an invoice, paid at once.",
    )
    account: Account | None = Field(None, description="Account that a `paid` invoice is paid to.")
    mode_of_payment: str | None = Field(
        None, description="Fortnox mode of payment of a `paid` invoice; it points at the account."
    )
    terms_of_payment: str | None = Field(None, description="Terms of payment of such an invoice.")

    @model_validator(mode="after")
    def _paid_names_an_account(self) -> Self:
        if self.books == "paid" and self.account is None:
            raise ValueError("account is needed when an order is booked as paid")
        return self


class ShopRefunds(Section):
    adjustment: Literal["spread"] | Account = Field(
        "spread",
        description="Adjustment refunds of credit memos: over the VAT rates by gross share, or one account.",
    )
    adjustment_fee: Literal["spread"] | Account = Field(
        "spread",
        description="Adjustment fees of credit memos: on the fee account at the main rate, or one account.",
    )
    disregard: tuple[str, ...] = Field(
        (), description="Numbers of credit memos that are not booked: a person settled them."
    )
    to_shop: bool = Field(
        False, description="Make an offline credit memo in Magento for a refund that was made at Svea only."
    )
    return_to_stock: bool = Field(True, description="Whether such a credit memo returns its goods to stock.")


class MagentoSettings(Section):
    base_url: str = Field(description="The shop's base address, without `/rest`.")
    authentication: Literal["oauth", "bearer"] = Field(
        "oauth", description="OAuth 1.0a, or the access token as bearer where the shop allows it."
    )
    consumer_key: Secret | None = Field(None, description="OAuth consumer key of the Magento integration.")
    consumer_secret: Secret | None = Field(
        None, description="OAuth consumer secret of the Magento integration."
    )
    access_token: Secret | None = Field(None, description="Access token of the Magento integration.")
    access_token_secret: Secret | None = Field(
        None, description="Access token secret of the Magento integration."
    )
    basic_auth: Secret | None = Field(
        None, description="`user:password` of a site behind Basic auth (staging); with `oauth` only."
    )
    webhook_secrets: tuple[Secret, ...] = Field(
        (), description="Secrets that sign the shop's webhooks; any is valid."
    )
    webhooks: MagentoWebhooks = Field(
        default_factory=MagentoWebhooks, description="What the shop's webhooks must show."
    )
    svea_methods: tuple[str, ...] = Field(
        ("sveacheckout*",), description="Payment methods whose money comes through Svea; `*` matches."
    )
    order_states: tuple[str, ...] = Field(
        ("new", "processing", "complete", "closed"),
        description="Magento states (or statuses) in which an order is booked; others wait.",
    )
    invoice_at: Literal["invoice", "shipment"] = Field(
        "invoice", description="What makes the Fortnox invoice of a sale paid outside Svea."
    )
    payment_methods: tuple[PaymentMethod, ...] = Field(
        (), description="What orders paid outside Svea give; others give an unpaid invoice."
    )
    order_wait: timedelta = Field(
        timedelta(minutes=15), description="How long a Svea sale waits for its Magento order."
    )
    without_order: Literal["svea_rows", "hold"] = Field(
        "svea_rows", description="What a Svea sale does when its Magento order never comes."
    )
    in_doubt_wait: timedelta = Field(
        timedelta(minutes=3),
        description="How long after an unanswered write the shop may still be working on it; then we look.",
    )
    refunds: ShopRefunds = Field(
        default_factory=ShopRefunds, description="How the shop's refunds are booked."
    )
    documents: ShopDocuments = Field(
        default_factory=ShopDocuments, description="What the shop is told of invoices and credit invoices."
    )

    @model_validator(mode="after")
    def _keys_are_whole(self) -> Self:
        keys = (self.consumer_key, self.consumer_secret, self.access_token, self.access_token_secret)
        if self.authentication == "oauth" and any(keys) and not all(keys):
            raise ValueError("OAuth needs all four: consumer key and secret, access token and secret")
        if self.basic_auth is not None and self.authentication == "bearer":
            raise ValueError("basic_auth cannot be combined with a bearer token")
        if "@" in self.base_url:
            raise ValueError("user and password of the site belong into basic_auth, not into base_url")
        return self

    @property
    def has_keys(self) -> bool:
        """Whether we may call the shop; before the merchant activates the integration we may not."""
        if self.authentication == "bearer":
            return self.access_token is not None
        return None not in (
            self.consumer_key,
            self.consumer_secret,
            self.access_token,
            self.access_token_secret,
        )

    def is_svea(self, method: str) -> bool:
        return any(fnmatchcase(method.casefold(), known.casefold()) for known in self.svea_methods)

    def payment_method(self, method: str) -> PaymentMethod:
        """The first line that matches, else an unpaid invoice."""
        for line in self.payment_methods:
            if fnmatchcase(method.casefold(), line.method.casefold()):
                return line
        return PaymentMethod(method=method)
