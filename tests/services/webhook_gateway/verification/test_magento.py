"""The shop module's signature: the vectors that the module's own tests check too, and ways to be wrong."""

import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.webhook_gateway.verification.magento import (
    NOBODY,
    ShopKeys,
    must_be_logged_in,
    must_be_signed_by_async_events,
    must_be_signed_by_module,
    token_matches,
)
from services.webhook_gateway.verification.rules import NOBODYS_TOKEN
from shared.domain.errors import Rejected
from tests.services.webhook_gateway.shop_support import SAMPLES, TOKEN, sample

VECTORS = json.loads((SAMPLES / "vectors.json").read_text())
NOW = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))


def keys(*secrets: str, **told: object) -> ShopKeys:
    return ShopKeys(connection="acme", secrets=secrets, **told)  # type: ignore[arg-type]


def mac(body: bytes, secret: str = "a-secret", stamp: str = STAMP) -> str:
    return "v1=" + hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("vector", VECTORS, ids=range(len(VECTORS)))
def test_what_the_shop_module_signs_is_verified(vector: dict[str, str]) -> None:
    must_be_signed_by_module(
        vector["body"].encode(),
        signatures=[vector["signature"]],
        timestamps=[vector["timestamp"]],
        keys=keys("another", vector["secret"]),
        now=datetime.fromtimestamp(int(vector["timestamp"]), UTC),
    )


@pytest.mark.parametrize("vector", VECTORS, ids=range(len(VECTORS)))
def test_one_byte_more_and_a_second_later_are_other_messages(vector: dict[str, str]) -> None:
    for body, stamp in (
        (vector["body"] + " ", vector["timestamp"]),
        (vector["body"], str(int(vector["timestamp"]) + 1)),
    ):
        with pytest.raises(Rejected) as refused:
            must_be_signed_by_module(
                body.encode(),
                signatures=[vector["signature"]],
                timestamps=[stamp],
                keys=keys(vector["secret"]),
                now=datetime.fromtimestamp(int(stamp), UTC),
            )
        assert refused.value.facts["rule"] == "signature_mismatch"


@pytest.mark.parametrize(
    ("signatures", "stamps", "rule"),
    [
        ([], [STAMP], "signature_missing"),
        ([mac(b"{}")], [], "timestamp_missing"),
        ([mac(b"{}"), mac(b"{}")], [STAMP], "signature_malformed"),
        ([mac(b"{}")], [STAMP, STAMP], "timestamp_malformed"),
        ([mac(b"{}").removeprefix("v1=")], [STAMP], "signature_malformed"),
        ([mac(b"{}").upper()], [STAMP], "signature_malformed"),
        ([mac(b"{}") + "0"], [STAMP], "signature_malformed"),
        ([mac(b"{}").replace("v1", "v2")], [STAMP], "signature_malformed"),
        ([mac(b"{}")], ["1.5"], "timestamp_malformed"),
        ([mac(b"{}")], ["-1"], "timestamp_malformed"),
        ([mac(b"{}")], ["٤" * 10], "timestamp_malformed"),
        ([mac(b"{}")], ["9" * 5000], "timestamp_malformed"),
        ([mac(b"{}", stamp="0")], ["0"], "timestamp_too_old"),
        ([mac(b"{}", stamp="9999999999")], ["9999999999"], "timestamp_in_future"),
        ([mac(b"{}", "another")], [STAMP], "signature_mismatch"),
    ],
)
def test_whatever_is_not_right_is_refused_by_its_rule(
    signatures: list[str], stamps: list[str], rule: str
) -> None:
    with pytest.raises(Rejected) as refused:
        must_be_signed_by_module(
            b"{}", signatures=signatures, timestamps=stamps, keys=keys("a-secret"), now=NOW
        )

    assert refused.value.facts["rule"] == rule


@given(body=st.binary(max_size=200), secret=st.text(min_size=1, max_size=50))
def test_any_bytes_and_any_secret(body: bytes, secret: str) -> None:
    signed = {"signatures": [mac(body, secret)], "timestamps": [STAMP]}

    must_be_signed_by_module(body, **signed, keys=keys(secret), now=NOW)

    with pytest.raises(Rejected):
        must_be_signed_by_module(body, **signed, keys=keys(secret + "x"), now=NOW)


@pytest.mark.parametrize("nobody", [NOBODY, keys()])
def test_without_secrets_nothing_is_good_not_even_what_it_is_compared_with(nobody: ShopKeys) -> None:
    with pytest.raises(Rejected) as refused:
        must_be_signed_by_module(
            b"{}", signatures=[mac(b"{}", NOBODYS_TOKEN)], timestamps=[STAMP], keys=nobody, now=NOW
        )
    assert refused.value.facts["rule"] == "signature_mismatch"
    assert not token_matches(nobody, NOBODYS_TOKEN)


def test_mage_os_signs_the_raw_body() -> None:
    told = sample("mageos-async-events-order-created")
    signature = told["headers"]["X-Magento-Signature"]

    must_be_signed_by_async_events(
        told["raw_body"].encode(), signatures=[signature], keys=keys("older", told["secret"])
    )

    for wrong in (signature.upper(), "v1=" + signature, signature[:-1], ""):
        with pytest.raises(Rejected):
            must_be_signed_by_async_events(
                told["raw_body"].encode(), signatures=[wrong], keys=keys(told["secret"])
            )


def test_what_the_module_signed_is_nothing_that_mage_os_could_have_sent() -> None:
    body, signature = b'{"entity_id":1}', mac(b'{"entity_id":1}').removeprefix("v1=")

    with pytest.raises(Rejected):
        must_be_signed_by_async_events(body, signatures=[signature], keys=keys("a-secret"))


def test_any_of_the_tokens_is_good_and_no_other() -> None:
    shop = keys(tokens=("an-older-token", TOKEN))

    assert [token_matches(shop, shown) for shown in (TOKEN, "an-older-token", TOKEN + "x", "", "\udcff")] == [
        True,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("sent", "rule"),
    [
        (["Basic aG9vazpzZWNyZXQ="], None),
        (["basic  aG9vazpzZWNyZXQ="], None),
        ([], "login_missing"),
        (["Basic aG9vazpzZWNyZXQ="] * 2, "login_malformed"),
        (["Basic !!!"], "login_malformed"),
        (["Basic /w=="], "login_malformed"),
        (["Basic aG9vazpvdGhlcg=="], "login_mismatch"),
        (["Digest aG9vazpzZWNyZXQ="], "login_mismatch"),
    ],
)
def test_a_login_is_asked_for_where_there_is_one(sent: list[str], rule: str | None) -> None:
    must_be_logged_in(sent, keys())
    if rule is None:
        must_be_logged_in(sent, keys(login="hook:secret"))
        return

    with pytest.raises(Rejected) as refused:
        must_be_logged_in(sent, keys(login="hook:secret"))

    assert refused.value.facts["rule"] == rule
