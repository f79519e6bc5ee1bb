"""Frames of the event stream, as the guide shows them and as they should not be."""

import json
from datetime import UTC, datetime

import pytest

from shared.clients.fortnox.websocket_frames import Reply, StreamEvent, Unreadable, to_frame, topics_payload


def test_an_event_of_the_guide() -> None:
    frame = to_frame(
        '{"topic":"invoices","offset":"o-1","type":"invoice-created-v1","tenantId":1234567,'
        '"entityId":"42","timestamp":"2026-01-25T10:15:30+01:00"}'
    )

    assert frame == StreamEvent(
        topic="invoices",
        type="invoice-created",
        entity="42",
        tenant_id=1234567,
        offset="o-1",
        at=datetime(2026, 1, 25, 9, 15, 30, tzinfo=UTC),
    )


def test_a_voucher_is_named_by_series_number_and_year() -> None:
    frame = to_frame(
        '{"topic":"vouchers","type":"voucher-created-v1","tenantId":"7","entityId":"S-12-2","series":"S",'
        '"id":12,"year":2,"offset":9}'
    )

    assert isinstance(frame, StreamEvent)
    assert (frame.series, frame.entity, frame.year, frame.tenant_id) == ("S", "12", "2", 7)
    assert (frame.offset, frame.at) == ("9", None)


def test_the_second_version_of_a_type_is_the_same_news() -> None:
    frame = to_frame('{"topic":"customers","type":"customer-updated-v2","tenantId":1,"entityId":5}')

    assert isinstance(frame, StreamEvent)
    assert (frame.type, frame.entity) == ("customer-updated", "5")


def test_an_answer_names_tenants_by_token() -> None:
    frame = to_frame('{"response":"add-tenants-v1","result":"ok","tenantIds":{"Bearer a.b.c":1234567}}')

    assert frame == Reply("add-tenants", True, {"a.b.c": 1234567}, (), (), "")


@pytest.mark.parametrize("name", ["add-topics-v1", "add-topics"])
@pytest.mark.parametrize(
    "found", [["invoices"], [{"topic": "invoices", "offset": "1"}], [{"name": "invoices"}]]
)
def test_a_refusal_names_topics_in_one_shape_or_another(name: str, found: list[object]) -> None:
    frame = to_frame(json.dumps({"response": name, "result": "error", "invalidTopics": found}))

    assert isinstance(frame, Reply)
    assert (frame.command, frame.ok, frame.invalid_topics) == ("add-topics", False, ("invoices",))


def test_refused_tokens_come_without_their_scheme() -> None:
    frame = to_frame('{"response":"add-tenants-v1","result":"error","invalidTokens":["Bearer a.b.c"]}')

    assert isinstance(frame, Reply)
    assert frame.invalid_tokens == ("a.b.c",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        "null",
        "7",
        '"invoices"',
        "{}",
        '{"topic":"invoices"}',
        '{"type":"invoice-created-v1"}',
        '{"topic":"invoices","type":"x","tenantId":"seven"}',
        "[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_what_nobody_understands_is_told_and_never_raised(text: str | bytes) -> None:
    assert isinstance(to_frame(text), Unreadable)


def test_a_broken_answer_is_not_quoted_for_it_may_have_tokens_in_it() -> None:
    frame = to_frame('{"response":"add-tenants-v1","tenantIds":{"Bearer secret-token')

    assert isinstance(frame, Unreadable)
    assert "secret-token" not in frame.why


def test_a_topic_without_an_offset_sends_none() -> None:
    assert topics_payload({"invoices": "o", "orders": None}) == [
        {"topic": "invoices", "offset": "o"},
        {"topic": "orders"},
    ]
