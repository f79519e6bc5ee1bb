"""What an event is about, and whether it only tells of what we wrote ourselves. Pure.

Echoes are known by state where a state is reached once: an invoice that we made, booked or cancelled. Where
a thing may be written again and again they are known by time: a write of ours within a few seconds, each of
which explains one event. So who changes the same thing in the same seconds is heard all the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import unquote

from shared.clients.fortnox.websocket_frames import StreamEvent
from shared.domain.customers import shop_reference
from shared.ledger.numbers import Ours, Wrote
from shared.settings.connections import ConnectionDeclaration

NEAR = timedelta(seconds=10)
"""How far apart a write of ours may be from its event: by Fortnox' time of it, or by when we heard it."""
PATHS = {"invoices": "invoices", "customers": "customers", "articles": "articles"}
KINDS = {
    "invoices": ("invoice", "credit_invoice"),
    "customers": ("customer",),
    "articles": ("article",),
    "vouchers": ("voucher",),
}
TOPICS = (*KINDS, "warehouse-stockbalances", "currencies")
NO_NEWS = ("reminder-sent",)


@dataclass(frozen=True)
class About:
    """A subject to look at."""

    kind: str
    key: str


@dataclass(frozen=True)
class Known:
    """What the ledger says of the number that an event names, and when we heard of it."""

    heard_at: datetime | None = None
    ours: Sequence[Ours] = ()
    wrote: Sequence[Wrote] = ()
    of_voucher: Sequence[tuple[str, str]] = ()
    """Kind and key of the subjects whose voucher it may be."""


@dataclass(frozen=True)
class Verdict:
    """Subjects to look at, or why there are none: ``echo``, ``not_ours``, ``no_news``, ``unknown_topic``."""

    about: tuple[About, ...] = ()
    why_not: str = ""
    explained_by: Wrote | None = None
    """The write of which it is the echo, if it is known by that."""


def topics_of(settings: ConnectionDeclaration) -> tuple[str, ...]:
    """What a connection wants to hear of: only what somebody here would act on."""
    sync, shop = settings.sync, settings.magento is not None
    wanted = {
        "invoices": sync.invoices or sync.refunds or tells_shop(settings),
        "vouchers": sync.payouts,
        "customers": shop and sync.customers and settings.customers.goes_back,
        "articles": shop and (sync.stock or owns_prices(settings)),
        "warehouse-stockbalances": shop and sync.stock,
        "currencies": shop and sync.currency_rates,
    }
    return tuple(topic for topic in TOPICS if wanted[topic])


def owns_prices(settings: ConnectionDeclaration) -> bool:
    """Whether prices go from Fortnox to the shop."""
    return bool(settings.products.prices_to_shop)


def numbers_of(event: StreamEvent) -> list[tuple[str, str]]:
    """Kind and number of the links that may be meant; a voucher is looked for by ``voucher_prefix``."""
    if event.topic == "vouchers":
        return []
    return [(kind, event.entity) for kind in KINDS.get(event.topic, ()) if event.entity]


def voucher_prefix(event: StreamEvent, settings: ConnectionDeclaration) -> str | None:
    """``S-12-``: nobody has published whether the event's year is the calendar's or Fortnox' id of it.

    None for series that we never write to: invoices and payments make far more vouchers than we do.
    """
    series = set(settings.voucher_series.model_dump().values())
    if event.topic != "vouchers" or event.series not in series or not event.entity:
        return None
    return f"{event.series}-{event.entity}-"


def needs_writes(event: StreamEvent) -> bool:
    """Whether only the time can say that it is an echo."""
    return event.topic in PATHS and event.type.endswith("-updated")


def judged(event: StreamEvent, known: Known, settings: ConnectionDeclaration) -> Verdict:
    if event.topic not in TOPICS:
        return Verdict(why_not="unknown_topic")
    if event.type in NO_NEWS or not event.entity:
        return Verdict(why_not="no_news")
    if event.topic not in topics_of(settings):
        return Verdict(why_not="not_wanted")
    if is_echo(event, known):
        return Verdict(why_not="echo")
    explanation = _write_of(event, known) if needs_writes(event) else None
    if explanation is not None:
        return Verdict(why_not="echo", explained_by=explanation)
    about = _about(event, known, settings)
    return Verdict(about) if about else Verdict(why_not="not_ours")


# ── echoes ────────────────────────────────────────────────────────────────────────────────────────


def is_echo(event: StreamEvent, known: Known) -> bool:
    """Whether the ledger says that we have done what it tells of."""
    if event.type == "voucher-created":
        return bool(known.of_voucher)
    for one in known.ours:
        if event.type in ("invoice-created", "customer-created", "article-created"):
            return True
        if event.type == "invoice-bookkeep":
            return one.state == "final"
        if event.type == "invoice-cancelled":
            return one.state == "cancelled"
        if event.type == "invoicepayment-bookkeep" and any(_then(event, known, paid) for paid in one.paid):
            return True
    return False


def _write_of(event: StreamEvent, known: Known) -> Wrote | None:
    explain = (one for one in known.wrote if _path_is_of(one.path, event) and _then(event, known, one.at))
    return next(explain, None)


def _then(event: StreamEvent, known: Known, ours: datetime) -> bool:
    """Two clocks are asked: an event that is sent again comes late, and Fortnox' own may be wrong."""
    return any(at is not None and abs(at - ours) <= NEAR for at in (event.at, known.heard_at))


def _path_is_of(path: str, event: StreamEvent) -> bool:
    """``/3/invoices/7/bookkeep`` is about invoice 7."""
    parts = [unquote(part) for part in path.split("/") if part]
    return parts[1:3] == [PATHS[event.topic], event.entity]


# ── subjects ──────────────────────────────────────────────────────────────────────────────────────


def _about(event: StreamEvent, known: Known, settings: ConnectionDeclaration) -> tuple[About, ...]:
    match event.topic:
        case "invoices":
            return _of_invoice(event, known, settings)
        case "customers":
            keepers = [str(one.draft.get("keeper") or "") for one in known.ours]
            return tuple(About("customer", one.removeprefix(shop_reference(""))) for one in keepers if one)
        case "articles":
            wanted = {"stock": settings.sync.stock, "price": owns_prices(settings)}
            return tuple(About(kind, event.entity) for kind, on in wanted.items() if on)
        case "warehouse-stockbalances":
            return (About("stock", event.entity),)
        case "currencies":
            return (About("currency_rate", settings.name),)
        case _:
            return tuple(About(kind, key) for kind, key in known.of_voucher)


def _of_invoice(event: StreamEvent, known: Known, settings: ConnectionDeclaration) -> tuple[About, ...]:
    """The sale that has it; one that nobody here has may be an accountant's credit of one of ours, or what
    somebody has made of our order.

    That one of ours was paid is no news for its sale; the shop may want to tell its customer.
    """
    if event.type.startswith("invoicepayment-"):
        is_told = bool(known.ours) and _tells_of_payments(settings)
        return (About("shop_document", event.entity),) if is_told else ()
    if known.ours:
        return tuple(dict.fromkeys(About(one.subject_kind, one.subject_key) for one in known.ours))
    return (About("shop_document", event.entity),) if tells_shop(settings) else ()


def tells_shop(settings: ConnectionDeclaration) -> bool:
    """Whether the shop hears of invoices or credit invoices."""
    return settings.magento is not None and (settings.sync.shop_invoices or settings.sync.credit_notes)


def _tells_of_payments(settings: ConnectionDeclaration) -> bool:
    shop = settings.magento
    return shop is not None and settings.sync.shop_invoices and shop.documents.paid_comment is not None


def by_number(ours: Mapping[tuple[str, str], Ours], event: StreamEvent) -> tuple[Ours, ...]:
    return tuple(ours[name] for name in numbers_of(event) if name in ours)
