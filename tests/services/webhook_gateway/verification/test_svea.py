"""Svea's signature scheme against every published and computed vector, and what is almost right."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.webhook_gateway.verification.svea import (
    SignatureHeaders,
    SveaCallbackKeys,
    must_be_signed_by_svea,
    source_allowed,
    token_matches,
)
from shared.domain.errors import Rejected
from tests.support.paths import REPOSITORY

VECTORS = json.loads((REPOSITORY / "tests/data/svea/webhook-signatures.json").read_text())
SAMPLES = REPOSITORY / "services/sandbox/data/svea"

BODY = (
    b'{"EventName":"CheckoutOrder.Delivered","CheckoutOrderId":9300101,"DeliveryId":7200501,'
    b'"CorrelationId":"446c9a6b-1539-417d-82c2-0c0f74669ebe","TimestampUtc":"2026-02-03T09:00:07.2210034Z"}'
)
SENT = "1770109208"
SIGNATURE = "g3va9WOgU0uGfcGdbdgE8yCFcGSOcN5YLEpxQF+z7mghy11zo9stiWRNzv3Cu3NGEUZZKNpKAB4qNKUIM2A2dA=="
NOW = datetime.fromtimestamp(int(SENT), UTC)
KEYS = SveaCallbackKeys(
    connection="acme", market="se", token="a-long-token", secrets=("not-a-real-secret-se-0001",)
)


def headers(signature: str | None = SIGNATURE, timestamp: str | None = SENT) -> SignatureHeaders:
    return SignatureHeaders(
        signatures=[] if signature is None else [signature],
        timestamps=[] if timestamp is None else [timestamp],
    )


def rule_of(body: bytes, sent: SignatureHeaders, keys: SveaCallbackKeys = KEYS, now: datetime = NOW) -> str:
    with pytest.raises(Rejected) as refused:
        must_be_signed_by_svea(body, sent, keys, now=now)
    return refused.value.facts["rule"]


def test_the_vector_that_svea_publishes_is_verified() -> None:
    published = VECTORS["publishedVector"]
    keys = replace(KEYS, secrets=(published["secret"],))

    signed = must_be_signed_by_svea(
        published["body"].encode(),
        headers(published["X-Signature-512"], published["X-Timestamp"]),
        keys,
        now=datetime.fromtimestamp(int(published["X-Timestamp"]), UTC),
    )

    assert signed is True


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: str(vector["file"]))
def test_every_sample_is_verified_and_one_byte_more_is_not(vector: dict[str, Any]) -> None:
    body = (SAMPLES / vector["file"]).read_bytes()
    sent = headers(vector["headers"]["X-Signature-512"], vector["headers"]["X-Timestamp"])
    now = datetime.fromtimestamp(int(vector["headers"]["X-Timestamp"]), UTC)
    keys = replace(KEYS, secrets=(vector["secret"],))

    assert must_be_signed_by_svea(body, sent, keys, now=now) is True
    assert rule_of(body + b" ", sent, keys, now) == "signature_mismatch"


def test_any_of_several_secrets_verifies_and_none_of_them_does_not() -> None:
    rotating = replace(KEYS, secrets=("the-new-one", "another", "not-a-real-secret-se-0001"))

    assert must_be_signed_by_svea(BODY, headers(), rotating, now=NOW) is True
    assert rule_of(BODY, headers(), replace(KEYS, secrets=("the-new-one", "another"))) == "signature_mismatch"


def test_without_headers_it_is_unsigned_unless_a_signature_is_required() -> None:
    none = headers(None, None)

    assert must_be_signed_by_svea(BODY, none, KEYS, now=NOW) is False
    assert rule_of(BODY, none, replace(KEYS, require_signature=True)) == "signature_missing"


def test_one_of_the_two_headers_alone_is_refused_even_when_none_is_required() -> None:
    assert rule_of(BODY, headers(None, SENT)) == "signature_missing"
    assert rule_of(BODY, headers(SIGNATURE, None)) == "timestamp_missing"


@pytest.mark.parametrize(
    ("late_by", "rule"),
    [(300, None), (301, "timestamp_too_old"), (-300, None), (-301, "timestamp_in_future")],
)
def test_the_tolerance_holds_to_the_second(late_by: int, rule: str | None) -> None:
    now = NOW + timedelta(seconds=late_by)

    if rule is None:
        assert must_be_signed_by_svea(BODY, headers(), KEYS, now=now) is True
    else:
        assert rule_of(BODY, headers(), now=now) == rule


def test_the_tolerance_is_a_setting() -> None:
    patient = replace(KEYS, tolerance=timedelta(hours=1))

    assert must_be_signed_by_svea(BODY, headers(), patient, now=NOW + timedelta(minutes=59)) is True


@pytest.mark.parametrize(
    "timestamp", ["", " ", "now", "-1770109208", "1770109208.0", "1_770", "١٢٣", "9" * 400, "0x1"]
)
def test_a_malformed_timestamp_is_refused_as_such(timestamp: str) -> None:
    assert rule_of(BODY, headers(timestamp=timestamp)) == "timestamp_malformed"


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "=",
        "not base64!",
        SIGNATURE[:-2],
        SIGNATURE + "=",
        SIGNATURE + "AAAA",
        "å" * 88,
        SIGNATURE + "\n",
        "A" * 9999,
    ],
)
def test_a_malformed_signature_is_refused_as_such(signature: str) -> None:
    assert rule_of(BODY, headers(signature=signature)) == "signature_malformed"


def test_a_header_sent_twice_is_refused_even_if_one_of_them_is_right() -> None:
    twice = SignatureHeaders(signatures=[SIGNATURE, SIGNATURE], timestamps=[SENT])

    assert rule_of(BODY, twice) == "signature_malformed"


def test_letter_case_of_a_signature_matters() -> None:
    assert rule_of(BODY, headers(signature=SIGNATURE[0].swapcase() + SIGNATURE[1:])) == "signature_mismatch"


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
@given(
    body=st.binary(max_size=200),
    signatures=st.lists(st.text(max_size=120), max_size=2),
    timestamps=st.lists(st.text(max_size=20), max_size=2),
)
def test_whatever_is_sent_is_refused_or_unsigned_and_never_an_error(
    body: bytes, signatures: list[str], timestamps: list[str]
) -> None:
    sent = SignatureHeaders(signatures=signatures, timestamps=timestamps)

    try:
        signed = must_be_signed_by_svea(body, sent, KEYS, now=NOW)
    except Rejected:
        return  # anything but this is an error, and fails the test
    else:
        assert (signed, sent.absent) == (False, True)


def test_only_the_right_token_of_a_known_market_matches() -> None:
    assert token_matches(KEYS, "a-long-token") is True
    assert token_matches(KEYS, "a-long-tokem") is False
    assert token_matches(KEYS, "") is False
    assert token_matches(None, "a-long-token") is False
    assert token_matches(KEYS, "\ud800å") is False


def test_without_ranges_everybody_may_call() -> None:
    assert source_allowed(KEYS, "203.0.113.9") is True
    assert source_allowed(KEYS, None) is True


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("193.13.207.5", True),
        ("::ffff:193.13.207.5", True),
        ("193.13.208.5", False),
        ("2001:db8::1", False),
        ("testclient", False),
        ("", False),
        (None, False),
    ],
)
def test_with_ranges_only_they_may_call(address: str | None, allowed: bool) -> None:
    ranged = replace(KEYS, networks=(ip_network("193.13.207.0/24"), ip_network("193.105.138.0/24")))

    assert source_allowed(ranged, address) is allowed


def test_keys_do_not_show_their_secrets() -> None:
    assert "a-long-token" not in repr(KEYS)
    assert "not-a-real-secret" not in repr(KEYS)
