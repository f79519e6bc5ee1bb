"""Every account that the declaration makes us book on, and what for. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.settings.connections import ConnectionDeclaration, Market
from shared.settings.mapping import DEFAULT_SALES, PayoutAccounts, SalesLine

EVERYDAY = frozenset({"fee", "fee_vat", "unmatched", "rounding"})
"""Of the payouts' accounts those that any payout may need; others block only where they are declared."""


@dataclass(frozen=True)
class Use:
    """``path`` is where the declaration names the account, or would."""

    account: int
    path: str
    purpose: str
    blocking: bool = True


def lines_of(settings: ConnectionDeclaration) -> list[tuple[str, SalesLine, bool]]:
    """Path, line, and whether it blocks: declared ones do, and of the defaults the domestic ones."""
    declared = {(line.treatment, line.country, line.rate) for line in settings.sales}
    own = [(f"sales[{place}]", line, True) for place, line in enumerate(settings.sales)]
    defaults = [
        ("sales (default)", line, line.treatment == "domestic")
        for line in DEFAULT_SALES
        if (line.treatment, line.country, line.rate) not in declared
    ]
    return own + defaults


def name_of(line: SalesLine) -> str:
    return " ".join(filter(None, (line.treatment, line.country, f"{line.rate:f} %")))


def uses_of(settings: ConnectionDeclaration) -> list[Use]:
    """Each account as often as it is used."""
    found = [*_sales(settings), *_markets(settings), *_liabilities(settings), *_products(settings)]
    found.append(Use(settings.rounding_account, "rounding_account", "rounding rows"))
    if settings.sync.payouts and settings.markets:
        found += _payouts(settings.payout_accounts)
    if settings.magento is not None:
        found += [
            Use(line.account, f"magento.payment_methods[{place}].account", f"paid by {line.method}")
            for place, line in enumerate(settings.magento.payment_methods)
            if line.account is not None
        ]
    return found


def once(uses: Iterable[Use]) -> dict[int, Use]:
    """By account, the use that blocks first."""
    found: dict[int, Use] = {}
    for use in sorted(uses, key=lambda use: not use.blocking):
        found.setdefault(use.account, use)
    return dict(sorted(found.items()))


def _sales(settings: ConnectionDeclaration) -> Iterator[Use]:
    for path, line, blocking in lines_of(settings):
        for part in ("goods", "services", "freight", "fee", "vat_account"):
            account = getattr(line, part)
            if account is not None:
                yield Use(account, f"{path}.{part}", f"{name_of(line)}, {part}", blocking)


def _markets(settings: ConnectionDeclaration) -> Iterator[Use]:
    for market in settings.markets:
        if settings.sync.payouts:
            yield from _market(market)
        for kind, account in market.paid_elsewhere.items():
            yield Use(account, f"markets.{market.name}.paid_elsewhere.{kind}", f"paid by {kind}, not by Svea")


def _market(market: Market) -> Iterator[Use]:
    for part in ("clearing", "in_transit" if market.accounts.in_transit is not None else "bank"):
        account = getattr(market.accounts, part)
        yield Use(account, f"markets.{market.name}.accounts.{part}", f"market {market.name}, {part}")


def _liabilities(settings: ConnectionDeclaration) -> Iterator[Use]:
    declared = settings.liabilities.model_fields_set
    for part in ("gift_card", "store_credit"):
        yield Use(getattr(settings.liabilities, part), f"liabilities.{part}", part, part in declared)


def _payouts(accounts: PayoutAccounts) -> list[Use]:
    found = [
        Use(account, f"payout_accounts.fee.{kind}", f"fee of {kind}")
        for kind, account in accounts.fee.items()
    ]
    for part in (
        "fee_vat",
        "foreign_fee_vat",
        "deposit",
        "kickback",
        "unmatched",
        "advance",
        "recourse",
        "rounding",
    ):
        account = getattr(accounts, part)
        if isinstance(account, int):
            blocking = part in EVERYDAY or part in accounts.model_fields_set
            found.append(Use(account, f"payout_accounts.{part}", part.replace("_", " "), blocking))
    return found


def _products(settings: ConnectionDeclaration) -> Iterator[Use]:
    for place, line in enumerate(settings.products.article_lines):
        for part in ("account", "eu_account", "eu_vat_account", "export_account"):
            account = getattr(line, part)
            if account is not None:
                yield Use(account, f"products.article_lines[{place}].{part}", part.replace("_", " "))
