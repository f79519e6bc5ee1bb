"""The sample purchases as stories: states of the order, and the webhooks that tell of them, in order."""

from __future__ import annotations

from dataclasses import dataclass

from services.sandbox.svea.samples import DATA, install, merchant_id_of
from services.sandbox.svea.stand_in import SandboxSvea


@dataclass(frozen=True)
class Step:
    """`install` names states of samples.py, `webhook` a file of the samples; None: nobody is told."""

    install: tuple[str, ...]
    webhook: str | None


@dataclass(frozen=True)
class Story:
    key: str
    title: str
    market: str
    checkout_id: int
    steps: tuple[Step, ...]


def webhook_bytes(name: str) -> bytes:
    return (DATA / "webhooks" / name).read_bytes()


def play(svea: SandboxSvea, story: Story, step: Step) -> int:
    """Install the step's states and send its webhook to the merchant's subscriptions; to how many it went."""
    for state in step.install:
        install(svea, state)
    if step.webhook is None:
        return 0
    return svea.announce.exact(svea.merchant(merchant_id_of(story.market)), webhook_bytes(step.webhook))


def story(key: str) -> Story:
    return next(one for one in ALL if one.key == key)


def _step(*states: str, webhook: str | None = None) -> Step:
    return Step(tuple(f"order-{state}" for state in states), webhook)


ALL = [
    Story(
        "A",
        "Invoice with three VAT rates, a voucher and an invoice fee; two deliveries, then credits",
        "SE",
        9300101,
        (
            _step("9300101-created"),
            _step("9300101-final", "9300101-1-open", webhook="01-created-9300101.json"),
            _step("9300101-1-open", webhook="02-updated-9300101.json"),
            _step("9300101-2-partially-delivered", webhook="03-delivered-9300101-7200501.json"),
            _step("9300101-3-delivered", webhook="04-delivered-9300101-7200502.json"),
            _step("9300101-4-partially-credited", webhook="05-credit-succeeded-9300101-4100801.json"),
            _step("9300101-5-fully-credited"),
        ),
    ),
    Story(
        "B",
        "Card in NOK, delivered and fully credited",
        "NO",
        9300201,
        (
            _step("9300201-final", "9300201-1-open", webhook="13-created-9300201.json"),
            _step("9300201-2-delivered", webhook="14-delivered-9300201-7200511.json"),
            _step("9300201-3-credited", webhook="15-credit-succeeded-9300201-4100811.json"),
        ),
    ),
    Story(
        "B2",
        "Card in NOK with a percentage discount",
        "NO",
        9300202,
        (
            _step("9300202-reopened", webhook="28-created-9300202.json"),
            _step("9300202-delivered", webhook="29-delivered-9300202-7200512.json"),
        ),
    ),
    Story(
        "C",
        "Finnish company on invoice, 25.5 % and gift cards at 0 %",
        "FI",
        9300301,
        (
            _step("9300301-reopened", webhook="16-created-9300301.json"),
            _step("9300301-delivered", webhook="17-delivered-9300301-7200521.json"),
        ),
    ),
    Story(
        "D",
        "Danish MobilePay with a discount amount and a redeemed gift card",
        "DK",
        9300401,
        (
            _step("9300401-reopened", webhook="18-created-9300401.json"),
            _step("9300401-delivered", webhook="19-delivered-9300401-7200531.json"),
        ),
    ),
    Story(
        "E",
        "German card at 19 % and 7 %",
        "DE",
        9300501,
        (
            _step("9300501-reopened", webhook="20-created-9300501.json"),
            _step("9300501-delivered", webhook="21-delivered-9300501-7200541.json"),
        ),
    ),
    Story(
        "F",
        "Card, cancelled before delivery",
        "SE",
        9300102,
        (
            _step("9300102-reopened"),
            _step("9300102-cancelled", webhook="07-closed-cancelled-9300102.json"),
        ),
    ),
    Story(
        "G",
        "Swish, delivered at once; order number with a suffix; a credit that fails",
        "SE",
        9300103,
        (
            _step("9300103-final", "9300103-delivered-instant", webhook="11-created-9300103.json"),
            _step("9300103-delivered-instant", webhook="12-delivered-9300103-7200551.json"),
            _step("9300103-delivered-instant", webhook="06-credit-failed-9300103-4100899.json"),
        ),
    ),
    Story(
        "H",
        "Company on invoice: pending, released, delivered",
        "SE",
        9300104,
        (
            _step("9300104-final", "9300104-1-pending", webhook="09-created-pending-9300104.json"),
            _step("9300104-2-open", webhook="10-pending-released-9300104.json"),
            _step("9300104-3-delivered", webhook="27-delivered-9300104-7200561.json"),
        ),
    ),
    Story(
        "I",
        "Payment plan that expires",
        "SE",
        9300106,
        (
            _step("9300106-reopened"),
            _step("9300106-expired", webhook="08-closed-expired-9300106.json"),
        ),
    ),
]
