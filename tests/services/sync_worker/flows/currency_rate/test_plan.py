"""Plans of currency rates: the direction, units, what jumps, and that only differences are written."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sync_worker.flows.currency_rate.observed import FortnoxRate, ObservedRates, StoreRates
from services.sync_worker.flows.currency_rate.plan import plan
from shared.clients.fields import Fields
from shared.clients.fortnox.wire_company import to_currency
from shared.clients.magento.wire_shop import to_currencies
from shared.domain.currency_rates import RateJumped, ShopRatesDraft
from shared.domain.documents import Plan
from shared.domain.errors import MissingCurrency
from shared.domain.outcomes import Moved, Skipped
from shared.settings.connections import ConnectionDeclaration
from tests.support.paths import REPOSITORY
from tests.support.world import a_declaration

RECORDED = REPOSITORY / "tests" / "recorded" / "currency_rate"
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
FORTNOX = {"EUR": "11.4286", "NOK": "0.97", "USD": "10.515"}


def seen(
    *stores: StoreRates,
    fortnox: Mapping[str, str] | None = None,
    last: Mapping[str, str] | None = None,
    key: str = "acme",
    on: bool = True,
    has: Mapping[str, bool] | None = None,
    **settings: Any,
) -> ObservedRates:
    """``settings`` are those of ``currency_rates``."""
    declared = a_declaration(sync={"currency_rates": on}, currency_rates=settings)
    rates = {
        one: FortnoxRate(Decimal(sek), date(2026, 5, 4))
        for one, sek in (FORTNOX if fortnox is None else fortnox).items()
    }
    return ObservedRates(
        key,
        ConnectionDeclaration.model_validate(declared),
        NOON,
        fortnox=rates,
        stores=stores,
        last={one: Decimal(sek) for one, sek in (last or {}).items()},
        **(has or {}),
    )


def a_store(base: str = "SEK", allowed: str = "SEK EUR", **rates: str) -> StoreRates:
    return StoreRates(base, allowed.split(), {one: Decimal(rate) for one, rate in rates.items()})


def planned(found: Plan | Skipped | Moved) -> Plan:
    assert isinstance(found, Plan)
    return found


def written(found: Plan | Skipped | Moved) -> dict[str, str]:
    """``SEK EUR`` -> how many EUR one SEK is."""
    return {
        f"{one.base} {one.currency}": f"{one.rate.normalize():f}"
        for draft in planned(found).drafts
        if isinstance(draft, ShopRatesDraft)
        for one in draft.rates
    }


# ── direction and units ───────────────────────────────────────────────────────────────────────────


def test_one_krona_is_a_fraction_of_a_euro() -> None:
    found = plan(seen(a_store(), fortnox={"EUR": "12.5"}))

    assert written(found) == {"SEK EUR": "0.08"}
    assert planned(found).explanations == ("1 SEK = 0.08 EUR (EUR of 2026-05-04)",)


def test_a_shop_that_keeps_its_prices_in_euro_gets_kronor_per_euro_and_crosses() -> None:
    store = a_store("EUR", "EUR SEK NOK")

    found = plan(seen(store, fortnox={"EUR": "11.4", "NOK": "0.95"}))

    assert written(found) == {"EUR SEK": "11.4", "EUR NOK": "12"}


def test_a_unit_of_a_hundred_is_taken_apart_in_the_recorded_answer() -> None:
    body = json.loads((RECORDED / "fortnox-currencies.json").read_text(), parse_float=Decimal)
    found = {one.code: one for one in map(to_currency, Fields(body, of="x").each("Currencies"))}
    yen = found["JPY"]
    assert (yen.unit, yen.sell_rate) == (Decimal(100), Decimal("7.05"))
    assert yen.sell_rate is not None

    rates = {"JPY": str(yen.sell_rate / yen.unit)}

    assert written(plan(seen(a_store(allowed="SEK JPY"), fortnox=rates))) == {"SEK JPY": "14.184397163121"}


def test_the_recorded_shop_gets_what_it_lacks_and_a_rate_of_zero_is_none() -> None:
    recorded = to_currencies(
        Fields(json.loads((RECORDED / "magento-rate-missing.json").read_text(), parse_float=Decimal), of="x")
    )
    store = StoreRates(recorded.base, recorded.allowed, recorded.rates)
    missing = set(recorded.allowed) - set(recorded.rates) - {recorded.base}
    assert missing

    found = plan(seen(store, fortnox=FORTNOX | dict.fromkeys(missing, "1"), max_jump=1000))

    assert {one.split()[1] for one in written(found)} >= missing


# ── only differences ──────────────────────────────────────────────────────────────────────────────


def test_what_the_shop_has_is_not_written_again() -> None:
    store = a_store(allowed="SEK EUR NOK", EUR="0.0875", NOK="1.030927835052")

    found = plan(seen(store, fortnox={"EUR": "11.428571428571", "NOK": "0.97"}))

    assert written(found) == {}
    assert planned(found).hold is None


def test_two_store_views_of_one_base_are_one_rate() -> None:
    assert written(plan(seen(a_store(), a_store(allowed="EUR"), fortnox={"EUR": "12.5"}))) == {
        "SEK EUR": "0.08"
    }


def test_only_currencies_that_are_named() -> None:
    store = a_store(allowed="SEK EUR NOK")

    assert written(plan(seen(store, fortnox={"EUR": "12.5", "NOK": "1"}, currencies=["NOK"]))) == {
        "SEK NOK": "1"
    }


def test_a_currency_without_a_rate_in_fortnox_is_left_alone_and_told() -> None:
    found = planned(plan(seen(a_store(allowed="SEK EUR CZK"), fortnox={"EUR": "12.5"})))

    assert written(found) == {"SEK EUR": "0.08"}
    assert [(one.code, one.facts["currency"]) for one in found.advice] == [("rate_missing", "CZK")]
    assert found.hold is None


def test_a_base_currency_that_fortnox_lacks_asks_and_the_others_are_written() -> None:
    found = planned(plan(seen(a_store(), a_store("PLN", "PLN EUR"), fortnox={"EUR": "12.5"})))

    assert written(found) == {"SEK EUR": "0.08"}
    assert isinstance(found.hold, MissingCurrency)
    assert found.hold.facts == {"currency": "PLN"}


def test_what_is_not_worth_a_countable_part_is_left_alone() -> None:
    assert written(plan(seen(a_store(), fortnox={"EUR": "99999999999999"}))) == {}


# ── jumps ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("now", "held"), [("13.2", False), ("13.21", True), ("10.8", False), ("10.7", True)])
def test_a_rate_may_move_by_ten_percent_up_and_down(now: str, held: bool) -> None:
    found = planned(plan(seen(a_store(EUR="0.0833"), fortnox={"EUR": now}, last={"EUR": "12"})))

    assert isinstance(found.hold, RateJumped) is held
    assert bool(written(found)) is not held


def test_a_jump_keeps_its_own_rates_and_nobody_elses() -> None:
    store = a_store(allowed="SEK EUR NOK", EUR="0.0875", NOK="1.1")

    found = planned(
        plan(seen(store, fortnox={"EUR": "114", "NOK": "1"}, last={"EUR": "11.4", "NOK": "0.95"}))
    )

    assert written(found) == {"SEK NOK": "1"}
    (draft,) = found.drafts
    assert isinstance(draft, ShopRatesDraft)
    assert dict(draft.sek) == {"EUR": Decimal("11.4"), "NOK": Decimal(1)}
    assert found.hold is not None
    assert found.hold.message == (
        "1 EUR is 114 SEK in Fortnox, it was 11.4 SEK. Rates of EUR stay as the shop has them. "
        "If it is right, confirm with currency_rates.confirmed: {EUR: 114}"
    )


def test_before_we_wrote_any_the_shops_own_rates_are_the_measure() -> None:
    upside_down = plan(seen(a_store(EUR="11.4"), fortnox={"EUR": "11.4"}))

    assert written(upside_down) == {}
    assert isinstance(planned(upside_down).hold, RateJumped)


def test_what_a_person_changed_in_the_shop_is_put_right_without_asking() -> None:
    found = plan(seen(a_store(EUR="0.05"), fortnox={"EUR": "12.5"}, last={"EUR": "12.4"}))

    assert written(found) == {"SEK EUR": "0.08"}
    assert planned(found).hold is None


@pytest.mark.parametrize(
    ("confirmed", "taken"), [("14.2", True), ("14.1", True), ("13.9", False), ("12", False)]
)
def test_a_person_confirms_a_rate_and_not_any_rate(confirmed: str, taken: bool) -> None:
    rates = seen(a_store(), fortnox={"EUR": "14.2"}, last={"EUR": "11.4"}, confirmed={"EUR": confirmed})

    assert bool(written(plan(rates))) is taken


def test_in_a_euro_shop_a_jump_of_the_krone_keeps_the_krone_alone() -> None:
    store = a_store("EUR", "EUR SEK NOK", SEK="11", NOK="11")

    found = plan(seen(store, fortnox={"EUR": "11.4", "NOK": "2"}, last={"EUR": "11", "NOK": "1"}))

    assert written(found) == {"EUR SEK": "11.4"}
    assert isinstance(planned(found).hold, RateJumped)
    assert "NOK" in planned(found).hold.message  # type: ignore[union-attr]


# ── nothing to do ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"on": False}, "managed independently"),
        ({"has": {"has_shop": False}}, "no shop"),
        ({"has": {"has_module": False}}, "module is not installed"),
    ],
)
def test_why_nothing_is_written(how: dict[str, Any], words: str) -> None:
    found = plan(seen(a_store(), **how))

    assert isinstance(found, Skipped)
    assert words in found.reason


def test_an_event_that_names_a_currency_leads_to_the_subject_of_all() -> None:
    assert plan(seen(a_store(), key="EUR")) == Moved(
        "currency_rate", "acme", "all rates are looked at together"
    )


# ── whatever the rates ────────────────────────────────────────────────────────────────────────────

SEK = st.decimals(min_value="0.00001", max_value="100000000", places=6)


@given(euro=SEK, krone=SEK, base=st.sampled_from(["SEK", "EUR", "NOK"]))
def test_a_second_plan_is_empty_and_a_rate_is_never_zero(euro: Decimal, krone: Decimal, base: str) -> None:
    fortnox = {"EUR": str(euro), "NOK": str(krone)}
    first = written(plan(seen(a_store(base, "SEK EUR NOK"), fortnox=fortnox)))

    store = a_store(base, "SEK EUR NOK", **{pair.split()[1]: rate for pair, rate in first.items()})
    second = planned(plan(seen(store, fortnox=fortnox, last=fortnox)))

    assert all(Decimal(rate) > 0 for rate in first.values())
    assert (written(second), second.hold) == ({}, None)
