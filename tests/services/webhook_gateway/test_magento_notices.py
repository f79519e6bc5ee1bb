"""What is read from a shop's webhooks: names and ids, whoever sent them and however they are written."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.webhook_gateway.magento_names import thing_of, without_provider
from services.webhook_gateway.magento_notices import (
    adobe_events,
    async_event,
    commerce_event,
    module_event,
    token_event,
    validation_event,
)
from services.webhook_gateway.notices import UnreadableNotice
from services.webhook_gateway.storable_text import storable
from shared.domain.errors import Rejected
from shared.ledger.records import IncomingEvent
from tests.services.webhook_gateway.shop_support import CLIENT, a_message, an_adobe_event, sample

NOW = datetime(2026, 5, 4, 7, 0, 12, 345678, tzinfo=UTC)


def subject_of(event: IncomingEvent) -> tuple[str | None, str | None]:
    return event.subject_kind, event.subject_key


NAMES = {
    "order": """
        order order.placed order.status_changed new_order update_order sales.order.created sales.order.holded
        sales_order_save_after observer.sales_order_save_commit_after observer.sales_order_place_before
        plugin.magento.sales.api.order_management.place""",
    "invoice": """
        invoice invoice.created new_invoice sales.invoice.paid observer.sales_order_invoice_save_after
        observer.sales_order_invoice_pay""",
    "shipment": """
        shipment.created new_shipment sales.shipment.created observer.sales_order_shipment_save_after""",
    "creditmemo": """
        creditmemo.created credit_memo new_creditmemo sales.creditmemo.created
        observer.sales_order_creditmemo_save_after observer.sales_order_creditmemo_refund""",
    "customer": """
        customer customer.updated customer.deleted new_customer delete_customer customer.created
        observer.customer_save_commit_after observer.customer_save_after_data_object
        plugin.magento.customer.api.customer_repository.save""",
    "customer_address": """
        customer_address address.updated customer.address.created
        observer.customer_address_save_commit_after""",
    "product": """
        product.updated product.deleted new_product delete_product catalog.product.updated
        observer.catalog_product_save_commit_after observer.catalog_product_delete_commit_after
        plugin.magento.catalog.api.product_repository.save""",
}


@pytest.mark.parametrize(("thing", "names"), NAMES.items())
def test_each_senders_names_are_known(thing: str, names: str) -> None:
    found = {name: (known.name if (known := thing_of(name)) else None) for name in names.split()}

    assert found == dict.fromkeys(names.split(), thing)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "test",
        "customer.login",
        "new_order_comment",
        "observer.sales_order_item_save_after",
        "observer.sales_order_status_history_save_after",
        "observer.sales_order_invoice_item_save_after",
        "observer.catalog_category_save_after",
        "observer.cataloginventory_stock_item_save_commit_after",
        "sales.order",
        "order ",
        "stock.updated",
    ],
)
def test_what_has_an_id_of_something_else_concerns_nobody(name: str) -> None:
    assert thing_of(name) is None


@pytest.mark.parametrize(
    ("provider", "name"),
    [
        ("", "observer.sales_order_save_commit_after"),
        ("my-shop.", "observer.customer_save_commit_after"),
        ("", "plugin.magento.sales.api.order_management.place"),
    ],
)
def test_the_providers_name_is_taken_off(provider: str, name: str) -> None:
    assert without_provider(f"com.adobe.commerce.{provider}{name}") == name
    assert without_provider(f"com.example.{name}") == f"com.example.{name}"


@pytest.mark.parametrize("value", [307, "307", " 307 "])
def test_an_id_may_be_a_number_or_text(value: object) -> None:
    event = module_event(a_message(id=value), connection="acme")

    assert subject_of(event) == ("sale", "M307")


@pytest.mark.parametrize("value", [None, 0, -1, "", "3.7", 3.7, True, "ٱ", [307], 2**63, "9" * 40])
def test_what_is_no_id_is_refused(value: object) -> None:
    with pytest.raises(UnreadableNotice) as unreadable:
        module_event(a_message(id=value), connection="acme")

    assert (unreadable.value.code, unreadable.value.where) == ("no_entity_id", "entity_id")


@pytest.mark.parametrize("id_", [None, 7, "", "x" * 200, "a\u0000b"])
def test_a_message_without_a_usable_id_is_known_by_its_body(id_: object) -> None:
    told = json.loads(a_message()) | {"id": id_}
    same, other = json.dumps(told).encode(), json.dumps(told | {"attempt": 2}).encode()

    keys = [module_event(body, connection="acme").dedupe_key for body in (same, same, other)]

    assert keys[0] == keys[1] != keys[2]
    assert keys[0].startswith("module|sha256:")


def test_an_address_points_at_its_customer() -> None:
    body = json.dumps({"data": {"id": 9, "customer_id": 502, "region": {"region_id": 0}}}).encode()

    event = async_event(body, "customer.address.updated", connection="acme", now=NOW)

    assert subject_of(event) == ("customer", "502")


def test_mage_os_sends_the_order_and_only_its_id_is_taken() -> None:
    told = sample("mageos-async-events-order-created")

    event = async_event(told["raw_body"].encode(), "sales.order.created", connection="acme", now=NOW)

    assert subject_of(event) == ("sale", "M1001")
    assert event.attributes == {
        "event": "sales.order.created",
        "sender": "async",
        "entity": "order",
        "entity_id": "1001",
        "increment_id": "000001001",
        "state": "new",
        "status": "pending",
    }


def test_the_template_that_we_hand_out_is_read() -> None:
    event = token_event(json.dumps(sample("mageplaza-order")["body"]).encode(), connection="acme", now=NOW)

    assert (event.name, *subject_of(event)) == ("order", "sale", "M1001")


def test_commerce_before_an_order_has_an_id_is_stored_with_its_flaw() -> None:
    body = json.dumps(sample("adobe-commerce-webhook-order-save-before")["body"]).encode()

    event = commerce_event(body, connection="acme", now=NOW)

    assert (event.name, *subject_of(event)) == ("observer.sales_order_place_before", None, None)
    assert (event.attributes["flaw"], event.attributes["increment_id"]) == ("no_entity_id", "000001001")


@pytest.mark.parametrize(
    "data",
    [
        {"order": {"entity_id": "1001"}},
        {"data_object": {"entity_id": 1001}},
        {"object": {"id": 1001}},
        {"entity_id": 1001},
        {"order": {}, "entity_id": 1001},
    ],
)
def test_commerce_may_put_the_fields_where_it_likes(data: dict[str, Any]) -> None:
    body = json.dumps({"eventName": "observer.sales_order_save_commit_after", "data": data}).encode()

    assert subject_of(commerce_event(body, connection="acme", now=NOW)) == ("sale", "M1001")


def adobe(*told: object) -> list[IncomingEvent]:
    read = told[0] if len(told) == 1 else list(told)
    return adobe_events(json.dumps(read).encode(), connection="acme", clients=("another", CLIENT))


def test_an_io_event_is_known_by_its_id_and_its_provider_may_have_a_name() -> None:
    (event,) = adobe(an_adobe_event("alias.observer.sales_order_save_commit_after"))

    assert (event.name, *subject_of(event)) == ("observer.sales_order_save_commit_after", "sale", "M1001")
    assert event.dedupe_key == "adobe|aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
    assert event.occurred_at == datetime(2025, 3, 3, 9, 15, 29, tzinfo=UTC)


@pytest.mark.parametrize("wrapped", [lambda each: each, lambda each: {"events": each}])
def test_a_batch_gives_an_event_each(wrapped: Any) -> None:
    of_order, of_customer = {"value": {"order_id": "7"}}, {"value": {"entity_id": "502"}}
    memo = an_adobe_event("observer.sales_order_creditmemo_save_after", id="2", data=of_order)
    customer = an_adobe_event("observer.customer_save_commit_after", id="3", data=of_customer)
    useless = an_adobe_event(id="4", data={"value": {"status": "new"}})
    older = {"event": an_adobe_event(id="5"), "event_id": "5", "recipient_client_id": CLIENT, "position": "x"}

    events = adobe(wrapped([memo, customer, useless, older]))

    assert [(*subject_of(event), event.dedupe_key) for event in events] == [
        ("sale", "M7", "adobe|2"),
        ("customer", "502", "adobe|3"),
        (None, None, "adobe|4"),
        ("sale", "M1001", "adobe|5"),
    ]
    assert [event.attributes.get("flaw") for event in events] == [None, None, "no_entity_id", None]
    assert b"customer_save" not in events[0].body


@pytest.mark.parametrize(
    "told",
    [
        {"recipientclientid": "a-stranger", "recipient_client_id": "a-stranger"},
        {"recipientclientid": CLIENT, "recipient_client_id": "a-stranger"},
        {"recipientclientid": None, "recipient_client_id": None},
    ],
)
def test_an_event_for_another_client_is_not_ours_nor_is_its_batch(told: dict[str, Any]) -> None:
    for batch in ([an_adobe_event(**told)], [an_adobe_event(), an_adobe_event(**told)]):
        with pytest.raises(Rejected) as refused:
            adobe(batch)
        assert refused.value.facts["rule"] == "foreign_recipient"


def test_an_address_to_validate_is_passed_on_if_it_is_one() -> None:
    url = "https://csm.adobe.io/validate?id=1"

    event = validation_event(json.dumps({"validationUrl": url}).encode(), connection="acme")

    assert event is not None
    assert subject_of(event) == ("adobe_validation", url)
    assert validation_event(b'{"type":"order"}', connection="acme") is None
    for bad in (7, "https://x/" + "y" * 1000, "https://å.example", "https://x/\n"):
        with pytest.raises(UnreadableNotice):
            validation_event(json.dumps({"validationUrl": bad}).encode(), connection="acme")


# ── whatever is sent ──────────────────────────────────────────────────────────────────────────────

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        "id",
        "type",
        "entity",
        "entity_id",
        "order_id",
        "data",
        "value",
        "event",
        "events",
        "eventName",
        "order",
        "recipientclientid",
        "occurred_at",
        "time",
        "sku",
        "validationUrl",
    ]
)
TOLD = st.recursive(
    ANYTHING | st.sampled_from(["order", "order.placed", CLIENT, "observer.sales_order_save_after"]),
    lambda inner: st.dictionaries(FIELDS, inner, max_size=5) | st.lists(inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(told=TOLD)
def test_whatever_is_sent_gives_events_that_can_be_stored_or_a_refusal(told: Any) -> None:
    body = json.dumps(told).encode()
    reads: list[Callable[[], list[IncomingEvent]]] = [
        lambda: [module_event(body, connection="acme")],
        lambda: [async_event(body, "sales.order.created", connection="acme", now=NOW)],
        lambda: [token_event(body, connection="acme", now=NOW)],
        lambda: [commerce_event(body, connection="acme", now=NOW)],
        lambda: adobe_events(body, connection="acme", clients=(CLIENT,)),
    ]
    for read in reads:
        try:
            events = read()
        except (UnreadableNotice, Rejected):
            continue
        for event in events:
            assert (event.subject_kind is None) == (event.subject_key is None)
            assert all(storable(text) == text for text in (event.name, *event.attributes.values()))
            assert event.dedupe_key.isprintable()
