"""What is read from Svea's callbacks: ids and times, nothing else, however they are written."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.webhook_gateway.notices import Instant, UnreadableNotice, to_instant
from services.webhook_gateway.storable_text import storable
from services.webhook_gateway.svea_notices import notice_to_event, push_to_event
from shared.ledger.records import IncomingEvent
from tests.support.paths import REPOSITORY

SAMPLES = sorted((REPOSITORY / "services/sandbox/data/svea/webhooks").glob("*.json"))


def a_notice(**fields: Any) -> bytes:
    told = {
        "EventName": "CheckoutOrder.Delivered",
        "CheckoutOrderId": 9300101,
        "DeliveryId": 7200501,
        "CorrelationId": "446c9a6b-1539-417d-82c2-0c0f74669ebe",
        "TimestampUtc": "2026-02-03T09:00:07.2210034Z",
    }
    return json.dumps({name: value for name, value in (told | fields).items() if value is not ...}).encode()


def event_of(body: bytes) -> IncomingEvent:
    return notice_to_event(body, connection="acme", market="se", signed=True)


def code_of(body: bytes) -> str:
    with pytest.raises(UnreadableNotice) as unreadable:
        event_of(body)
    return unreadable.value.code


def test_a_delivery_points_at_its_sale() -> None:
    body = a_notice()

    assert event_of(body) == IncomingEvent(
        connection="acme",
        source="svea",
        name="CheckoutOrder.Delivered",
        dedupe_key="CheckoutOrder.Delivered|9300101|7200501|2026-02-03T09:00:07.2210034Z",
        subject_kind="sale",
        subject_key="9300101",
        market="se",
        lane="sale",
        occurred_at=datetime(2026, 2, 3, 9, 0, 7, 221003, tzinfo=UTC),
        body=body,
        attributes={
            "event": "CheckoutOrder.Delivered",
            "signed": "true",
            "delivery_id": "7200501",
            "correlation_id": "446c9a6b-1539-417d-82c2-0c0f74669ebe",
        },
    )


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_is_read(sample: Any) -> None:
    body = sample.read_bytes()
    told = json.loads(body)

    event = event_of(body)

    order = told.get("CheckoutOrderId")
    assert event.subject_key == (None if order is None else str(order))
    assert event.name == told.get("EventName", "unnamed")
    assert event.body == body


def test_no_two_samples_are_taken_for_the_same_event() -> None:
    keys = {event_of(sample.read_bytes()).dedupe_key for sample in SAMPLES}

    assert len(keys) == len(SAMPLES) == 29


def test_field_names_and_event_names_are_read_whatever_their_case() -> None:
    shouted = json.dumps({k.upper(): v for k, v in json.loads(a_notice()).items()}).encode()

    assert event_of(shouted).dedupe_key == event_of(a_notice()).dedupe_key
    assert event_of(a_notice(EventName="checkoutorder.DELIVERED")).name == "CheckoutOrder.Delivered"


def test_the_same_instant_written_differently_is_the_same_event() -> None:
    one = event_of(a_notice(TimestampUtc="2026-02-03T09:00:07.2200000Z"))

    for text in ("2026-02-03T09:00:07.22Z", "2026-02-03 10:00:07.220+01:00", "2026-02-03T09:00:07.22"):
        assert event_of(a_notice(TimestampUtc=text)).dedupe_key == one.dedupe_key


@pytest.mark.parametrize(
    ("changed", "to"),
    [("DeliveryId", 7200502), ("TimestampUtc", "2026-02-03T09:00:07.2210035Z"), ("CheckoutOrderId", 9300102)],
)
def test_another_delivery_time_or_order_is_another_event(changed: str, to: Any) -> None:
    assert event_of(a_notice(**{changed: to})).dedupe_key != event_of(a_notice()).dedupe_key


def test_without_a_time_the_body_tells_events_apart() -> None:
    first = event_of(a_notice(TimestampUtc=..., CorrelationId="1"))
    second = event_of(a_notice(TimestampUtc=..., CorrelationId="2"))

    assert first.occurred_at is None
    assert first.dedupe_key != second.dedupe_key
    assert first.dedupe_key == event_of(a_notice(TimestampUtc=..., CorrelationId="1")).dedupe_key


def test_credits_and_closings_carry_what_they_are_about() -> None:
    credit = event_of(a_notice(EventName="CheckoutOrder.CreditFailed", DeliveryId=..., CreditId="4100899"))
    closed = event_of(a_notice(EventName="CheckoutOrder.Closed", DeliveryId=..., CloseReason="Expired"))
    created = event_of(a_notice(EventName="CheckoutOrder.Created", DeliveryId=..., IsPending=True))

    assert credit.attributes["credit_id"] == "4100899"
    assert closed.attributes["close_reason"] == "Expired"
    assert created.attributes["is_pending"] == "true"
    assert closed.dedupe_key == "CheckoutOrder.Closed|9300101|Expired|2026-02-03T09:00:07.2210034Z"


@pytest.mark.parametrize("number", [9300101, "9300101", " 9300101 "])
def test_an_order_id_may_be_a_number_or_its_text(number: Any) -> None:
    assert event_of(a_notice(CheckoutOrderId=number)).subject_key == "9300101"


@pytest.mark.parametrize("number", [..., None, 0, -1, True, 1.5, "", "abc", "1e5", [], {}, "9" * 40, 10**40])
def test_a_checkout_event_without_a_usable_order_id_is_refused(number: Any) -> None:
    assert code_of(a_notice(CheckoutOrderId=number)) == "no_checkout_order_id"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"NaN", b'{"a":NaN}', b"[" * 100_000, b"1" * 10_000, b'{"EventName":']
)
def test_a_malformed_body_is_refused(body: bytes) -> None:
    assert code_of(body) == "malformed_json"


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"1", b"null", b"true"])
def test_json_that_is_not_an_object_is_refused(body: bytes) -> None:
    assert code_of(body) == "not_an_object"


def test_a_byte_order_mark_is_read_over() -> None:
    assert event_of(b"\xef\xbb\xbf" + a_notice()).subject_key == "9300101"


@pytest.mark.parametrize("name", ["Ping", "StandaloneOrder.Closed", "Something.New", None, 7, ""])
def test_what_needs_no_order_is_kept_without_a_subject(name: Any) -> None:
    event = event_of(a_notice(EventName=name, CheckoutOrderId=...))

    assert (event.subject_kind, event.subject_key) == (None, None)


def test_an_unknown_event_that_names_an_order_points_at_it() -> None:
    event = event_of(a_notice(EventName="CheckoutOrder.Something"))

    assert (event.name, event.subject_kind, event.subject_key) == (
        "CheckoutOrder.Something",
        "sale",
        "9300101",
    )


def test_text_that_a_database_would_refuse_is_cleaned() -> None:
    event = event_of(b'{"EventName":"A\\u0000\\ud800B","CloseReason":"x\\u0000","TimestampUtc":"\\u0000"}')

    assert event.name == "AB"
    assert event.attributes["close_reason"] == "x"
    event.dedupe_key.encode()
    assert "\0" not in event.dedupe_key
    assert len(storable("x" * 5000)) == 120


def test_a_push_takes_its_order_from_the_address_and_is_one_event_a_minute() -> None:
    def pushed(second: int, body: bytes = b"", order: str = "9300101") -> IncomingEvent:
        now = datetime(2026, 5, 4, 7, second // 60, second % 60, tzinfo=UTC)
        return push_to_event(
            body, connection="acme", market="se", checkout_order_id=order, signed=False, now=now
        )

    assert (pushed(1).source, pushed(1).subject_key, pushed(1).body) == ("svea_push", "9300101", b"")
    assert pushed(1).dedupe_key == pushed(59).dedupe_key
    assert pushed(1).dedupe_key != pushed(60).dedupe_key
    assert pushed(1).dedupe_key != pushed(1, b'{"type":"Finalized"}').dedupe_key
    assert pushed(1).dedupe_key != pushed(1, order="9300102").dedupe_key
    with pytest.raises(UnreadableNotice):
        pushed(1, order="{checkout.order.id}")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (
            "2026-02-03T09:00:07.2210034Z",
            ("2026-02-03T09:00:07.221003+00:00", "2026-02-03T09:00:07.2210034Z"),
        ),
        ("2026-02-03T09:00:07Z", ("2026-02-03T09:00:07+00:00", "2026-02-03T09:00:07Z")),
        ("2026-02-03T00:30:00-01:00", ("2026-02-03T01:30:00+00:00", "2026-02-03T01:30:00Z")),
    ],
)
def test_instants_are_read_with_all_their_digits(text: str, read: tuple[str, str]) -> None:
    assert to_instant(text) == Instant(at=datetime.fromisoformat(read[0]), text=read[1])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-13-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "2026-02-03T09:00:07+99:99",
        7,
        None,
    ],
)
def test_what_is_not_an_instant_is_none(text: object) -> None:
    assert to_instant(text) is None


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
@given(body=st.binary(max_size=300))
def test_any_bytes_are_an_event_or_refused(body: bytes) -> None:
    try:
        event = event_of(body)
    except UnreadableNotice:
        return  # anything but this is an error, and fails the test
    else:
        assert event.body == body


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
NAMES = ["EventName", "CheckoutOrderId", "DeliveryId", "CreditId", "CloseReason", "TimestampUtc", "IsPending"]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
@given(fields=st.dictionaries(st.sampled_from(NAMES), ANY_JSON))
def test_any_values_in_known_fields_are_storable_or_refused(fields: dict[str, Any]) -> None:
    try:
        event = event_of(json.dumps(fields).encode())
    except UnreadableNotice:
        return  # anything but this is an error, and fails the test
    else:
        kept = [event.name, event.dedupe_key, *event.attributes.values()]
        assert all(text.isprintable() and text.encode() is not None for text in kept)
        assert len(event.dedupe_key) < 600
