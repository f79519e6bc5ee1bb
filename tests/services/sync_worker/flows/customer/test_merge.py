"""Who decides what stands on a card: every owner, every change, and the winner."""

from collections.abc import Mapping
from itertools import product

import pytest

from services.sync_worker.flows.customer.merge import merged, same
from shared.domain.customers import PARTS, Card, Part, Value
from shared.domain.parties import Address
from shared.settings.customers import CustomerSettings

OLD: dict[Part, Value] = {
    "email": "old@example.com",
    "phone": "08-1",
    "billing": Address(name="", street="Gamla gatan 1", postal_code="111 11", city="Stockholm", country="SE"),
    "delivery": Address(
        name="Anna", street="Gamla lagret 1", postal_code="111 12", city="Solna", country="SE"
    ),
    "vat_number": "SE556036079301",
}
NEW: dict[Part, Value] = {
    "email": "new@example.com",
    "phone": "08-2",
    "billing": Address(name="", street="Nya gatan 2", postal_code="222 22", city="Malmö", country="SE"),
    "delivery": Address(name="Anna", street="Nya lagret 2", postal_code="222 23", city="Lund", country="SE"),
    "vat_number": "SE556036079302",
}
THIRD: dict[Part, Value] = {
    "email": "third@example.com",
    "phone": "08-3",
    "billing": Address(name="", street="Tredje gatan 3", postal_code="33333", city="Umeå", country="SE"),
    "delivery": Address(
        name="Anna", street="Tredje lagret 3", postal_code="33334", city="Umeå", country="SE"
    ),
    "vat_number": "SE556036079303",
}


NOTHING: Mapping[Part, Value] = {}


def a_card(values: Mapping[Part, Value] = OLD, changed: Mapping[Part, Value] = NOTHING) -> Card:
    return Card(party="private", name="Anna Öberg").with_parts({**values, **changed})


def owned(by: str, part: Part, winner: str = "magento") -> CustomerSettings:
    fields = {"fortnox": "owned_by_fortnox", "both": "both_ways"}
    lists = {fields[by]: (part,)} if by in fields else {}
    return CustomerSettings.model_validate({**lists, "winner": winner})


@pytest.mark.parametrize("part", PARTS)
def test_what_magento_owns_is_never_taken_from_fortnox(part: Part) -> None:
    card, writes = merged(
        a_card(), a_card(changed={part: NEW[part]}), a_card(), owned("magento", part, winner="fortnox")
    )

    assert (card, writes) == (a_card(), ())


@pytest.mark.parametrize("part", PARTS)
def test_what_fortnox_owns_goes_to_the_shop_whoever_changed_it(part: Part) -> None:
    settings = owned("fortnox", part)
    by_people, told = merged(a_card(), a_card(changed={part: NEW[part]}), a_card(), settings)
    by_buyer, told_again = merged(a_card(changed={part: THIRD[part]}), a_card(), a_card(), settings)

    assert (by_people.part(part), told) == (NEW[part], (part,))
    assert (by_buyer.part(part), told_again) == (OLD[part], (part,))


@pytest.mark.parametrize(("part", "winner"), list(product(PARTS, ("magento", "fortnox"))))
def test_what_goes_both_ways_is_what_was_changed_last(part: Part, winner: str) -> None:
    settings = owned("both", part, winner)
    in_shop, told = merged(a_card(changed={part: NEW[part]}), a_card(), a_card(), settings)
    in_fortnox, told_back = merged(a_card(), a_card(changed={part: NEW[part]}), a_card(), settings)

    assert (in_shop.part(part), told) == (NEW[part], ())
    assert (in_fortnox.part(part), told_back) == (NEW[part], (part,))


@pytest.mark.parametrize("part", PARTS)
def test_when_both_changed_it_the_winner_is_right(part: Part) -> None:
    shop, fortnox = a_card(changed={part: NEW[part]}), a_card(changed={part: THIRD[part]})

    magento_wins, told = merged(shop, fortnox, a_card(), owned("both", part, "magento"))
    fortnox_wins, told_back = merged(shop, fortnox, a_card(), owned("both", part, "fortnox"))

    assert (magento_wins.part(part), told) == (NEW[part], ())
    assert (fortnox_wins.part(part), told_back) == (THIRD[part], (part,))


@pytest.mark.parametrize("part", PARTS)
def test_without_an_agreement_the_winner_is_right(part: Part) -> None:
    card, told = merged(a_card(), a_card(changed={part: NEW[part]}), None, owned("both", part, "fortnox"))

    assert (card.part(part), told) == (NEW[part], (part,))


@pytest.mark.parametrize(("part", "by"), list(product(("email", "phone", "vat_number"), ("fortnox", "both"))))
def test_what_is_empty_on_one_side_is_taken_from_the_other(part: Part, by: str) -> None:
    settings = owned(by, part, winner="fortnox")

    kept, told = merged(a_card(), a_card(changed={part: ""}), a_card(), settings)
    assert (kept.part(part), told) == (OLD[part], ())
    filled, told = merged(a_card(changed={part: ""}), a_card(), a_card(), settings)
    assert (filled.part(part), told) == (OLD[part], (part,))


def test_an_address_without_a_street_is_no_address() -> None:
    settings = owned("fortnox", "billing")

    nowhere = a_card(changed={"billing": Address(name="", country="SE")})
    card, told = merged(a_card(), nowhere, a_card(), settings)

    assert (card.billing, told) == (OLD["billing"], ())


def test_a_delivery_address_that_fortnox_takes_away_is_the_billing_address_in_the_shop_too() -> None:
    card, told = merged(a_card(), a_card(changed={"delivery": None}), a_card(), owned("fortnox", "delivery"))

    assert (card.delivery, told) == (None, ("delivery",))


def test_a_new_delivery_address_without_a_name_goes_to_the_customer() -> None:
    place = Address(name="", street="Nya lagret 2", postal_code="222 23", city="Lund", country="SE")
    without, moved = a_card(changed={"delivery": None}), a_card(changed={"delivery": place})
    card, told = merged(without, moved, without, owned("both", "delivery"))

    assert told == ("delivery",)
    assert card.delivery == Address(
        name="Anna Öberg", street="Nya lagret 2", postal_code="222 23", city="Lund", country="SE"
    )


def test_spacing_case_and_names_are_no_difference() -> None:
    assert same(
        Address(name="A", street="Storgatan 1", postal_code="21134", city="MALMÖ", country="SE"),
        Address(name="B", street="storgatan  1", postal_code="211 34", city="Malmö", country="SE"),
    )
    assert not same("08-1", "08-2")


@pytest.mark.parametrize(
    ("part", "by", "winner", "shop", "fortnox"),
    list(product(PARTS, ("magento", "fortnox", "both"), ("magento", "fortnox"), (OLD, NEW), (OLD, THIRD))),
)
def test_once_both_show_the_card_nothing_is_left_to_write(
    part: Part, by: str, winner: str, shop: dict[Part, Value], fortnox: dict[Part, Value]
) -> None:
    settings = owned(by, part, winner)
    card, _ = merged(
        a_card(changed={part: shop[part]}), a_card(changed={part: fortnox[part]}), a_card(), settings
    )

    again, told = merged(card, card, card, settings)

    assert (again, told) == (card, ())
