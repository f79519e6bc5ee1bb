"""Fortnox' currency rates -> the rates of the shop's store views.

Starts   job `currency_rates` at 13:30, after Fortnox has fetched the day's; an event that names a currency.
Writes   base currency to each currency that a store view may show, where the shop has another rate.
Holds    a currency that moved by more than `currency_rates.max_jump`: its rates stay until a person confirms.
Leaves   what Fortnox has no rate for, and everything while `sync.currency_rates` is off.
Repeats  safe: rates that the shop has already plan nothing.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from services.sync_worker.flows.currency_rate.observed import ObservedRates
from shared.domain.currency_rates import (
    ONE,
    RateJumped,
    ShopRate,
    ShopRatesDraft,
    are_alike,
    cross_rate,
    moved_by,
)
from shared.domain.documents import Plan
from shared.domain.errors import MissingCurrency, NeedsAttention
from shared.domain.outcomes import Advice, Moved, Skipped
from shared.domain.postings import BOOK_CURRENCY

CONFIRMED_WITHIN_PERCENT = ONE  # a rate goes on moving between the look and the retry
Pair = tuple[str, str]


@dataclass(frozen=True)
class Wanted:
    """``pairs`` that the store views show; ``shop`` are the rates that it has; ``sek`` is Fortnox' worth of
    one unit, and so is ``last`` of when it was last found right."""

    pairs: tuple[Pair, ...]
    shop: Mapping[Pair, Decimal]
    sek: Mapping[str, Decimal]
    last: Mapping[str, Decimal]

    def rate(self, pair: Pair) -> Decimal | None:
        """None where Fortnox does not say it, or one is not worth a countable part of the other."""
        base, currency = (self.sek.get(one) for one in pair)
        return cross_rate(base, currency) or None if base and currency else None


def plan(seen: ObservedRates) -> Plan | Skipped | Moved:
    reason = _why_not(seen)
    if reason:
        return Skipped(reason)
    if seen.key != seen.settings.name:
        return Moved("currency_rate", seen.settings.name, "all rates are looked at together")
    wanted = _wanted(seen)
    jumps = _jumps(wanted, seen)
    differences = tuple(_differences(wanted, held=jumps.keys()))
    drafts = (_draft(differences, wanted, jumps, seen),) if differences else ()
    return Plan(
        drafts=drafts,
        advice=tuple(_without_a_rate(wanted)),
        explanations=tuple(_in_words(wanted, seen)),
        hold=_hold(wanted, jumps),
    )


def _why_not(seen: ObservedRates) -> str:
    if not seen.settings.sync.currency_rates:
        return "currency rates are managed independently of Fortnox (sync.currency_rates is off)"
    if not seen.has_shop:
        return "the connection has no shop"
    if not seen.has_module:
        return "the shop module is not installed, and without it Magento takes no rates"
    return ""


def _wanted(seen: ObservedRates) -> Wanted:
    only = set(seen.settings.currency_rates.currencies)
    pairs = {
        (store.base, currency)
        for store in seen.stores
        for currency in store.allowed
        if currency != store.base and (not only or currency in only)
    }
    return Wanted(
        pairs=tuple(sorted(pairs)),
        shop={
            (store.base, currency): rate for store in seen.stores for currency, rate in store.rates.items()
        },
        sek={code: rate.sek for code, rate in seen.fortnox.items()} | {BOOK_CURRENCY: ONE},
        last=seen.last,
    )


# ── jumps ─────────────────────────────────────────────────────────────────────────────────────────


def _jumps(wanted: Wanted, seen: ObservedRates) -> dict[str, str]:
    """Currency -> how it moved, of those that nobody has confirmed.

    What we found right the last time is the measure; before there is any, the rates that the shop has.
    """
    limit = seen.settings.currency_rates.max_jump
    found: dict[str, str] = {}
    for pair in wanted.pairs:
        rate = wanted.rate(pair)
        if rate is None:
            continue
        for currency in pair:
            was = wanted.last.get(currency)
            if was is not None and moved_by(was, wanted.sek[currency]) > limit:
                found[currency] = f"it was {was:f} SEK"
        present = wanted.shop.get(pair)
        new = [one for one in pair if one != BOOK_CURRENCY and one not in wanted.last]
        if present is not None and moved_by(present, rate) > limit:
            found |= dict.fromkeys(new, f"the shop has {present:f} {pair[1]} for 1 {pair[0]}")
    return {one: how for one, how in found.items() if not _is_confirmed(one, wanted, seen)}


def _is_confirmed(currency: str, wanted: Wanted, seen: ObservedRates) -> bool:
    confirmed = seen.settings.currency_rates.confirmed.get(currency)
    return confirmed is not None and moved_by(wanted.sek[currency], confirmed) <= CONFIRMED_WITHIN_PERCENT


def _hold(wanted: Wanted, jumps: Mapping[str, str]) -> NeedsAttention | None:
    if jumps:
        said = "; ".join(
            f"1 {one} is {_sek(wanted, one)} SEK in Fortnox, {how}" for one, how in jumps.items()
        )
        lines = ", ".join(f"{one}: {_sek(wanted, one)}" for one in jumps)
        return RateJumped(
            f"{said}. Rates of {', '.join(jumps)} stay as the shop has them. "
            f"If it is right, confirm with currency_rates.confirmed: {{{lines}}}",
            facts={"line": f"{{{lines}}}"},
        )
    without = sorted({base for base, _ in wanted.pairs} - wanted.sek.keys())
    if without:
        named = ", ".join(without)
        text = (
            f"Fortnox has no rate for {named}, in which the shop keeps its prices: no rate can be worked out"
        )
        return MissingCurrency(text, facts={"currency": named})
    return None


def _sek(wanted: Wanted, currency: str) -> str:
    return f"{wanted.sek[currency].normalize():f}"


# ── what is written ───────────────────────────────────────────────────────────────────────────────


def _differences(wanted: Wanted, held: Collection[str]) -> Iterator[ShopRate]:
    for pair in wanted.pairs:
        rate, present = wanted.rate(pair), wanted.shop.get(pair)
        if rate is None or set(pair) & set(held):
            continue
        if present is None or not are_alike(present, rate):
            yield ShopRate(*pair, rate)


def _draft(
    differences: tuple[ShopRate, ...], wanted: Wanted, jumps: Mapping[str, str], seen: ObservedRates
) -> ShopRatesDraft:
    used = {one for pair in wanted.pairs for one in pair if wanted.rate(pair) is not None}
    right = {one: wanted.sek[one] for one in used - jumps.keys() - {BOOK_CURRENCY}}
    return ShopRatesDraft.of(differences, {**wanted.last, **right}, seen.as_of)


# ── what a person is told ─────────────────────────────────────────────────────────────────────────


def _without_a_rate(wanted: Wanted) -> Iterator[Advice]:
    for currency in sorted({currency for _, currency in wanted.pairs} - wanted.sek.keys()):
        text = f"Fortnox has no rate for {currency}: the shop's stay as they are"
        yield Advice("rate_missing", text, {"currency": currency})


def _in_words(wanted: Wanted, seen: ObservedRates) -> Iterator[str]:
    """The direction is said each time: it is what goes wrong with rates."""
    for pair in wanted.pairs:
        rate = wanted.rate(pair)
        if rate is not None:
            days = {
                one: seen.fortnox[one].rated_on
                for one in pair
                if one in seen.fortnox and one != BOOK_CURRENCY
            }
            of = ", ".join(f"{one} of {day}" for one, day in days.items() if day)
            yield f"1 {pair[0]} = {rate.normalize():f} {pair[1]}" + (f" ({of})" if of else "")
