"""Adobe's signatures, made with real keys: what is good, what is wrong, and what cannot be known yet."""

import base64
from typing import Any

import pytest

from services.webhook_gateway.magento_keys import to_rsa_key
from services.webhook_gateway.verification.magento_adobe import (
    NOBODYS_KEY,
    KeysNotKnown,
    must_be_claimed,
    must_be_signed_by_adobe,
    must_be_signed_by_commerce,
)
from shared.domain.adobe_keys import is_key_path
from shared.domain.errors import Rejected
from tests.services.webhook_gateway.shop_support import (
    KEY_PATH,
    OTHER_PATH,
    adobe_signed,
    public_pem,
    rsa_signature,
)

BODY = '{"data":{"entity_id":"1001","path":"a\\/b","name":"Åsa"}}'.encode()


def key(name: str) -> Any:
    return to_rsa_key(public_pem(name))


def rule_of(refused: pytest.ExceptionInfo[Rejected]) -> str:
    return refused.value.facts["rule"]


@pytest.mark.parametrize("signer", ["commerce", "commerce, new"])
def test_commerce_signs_the_base64_of_the_raw_body_with_any_of_the_keys(signer: str) -> None:
    signature = rsa_signature(base64.b64encode(BODY), signer)

    must_be_signed_by_commerce(BODY, signatures=[signature], keys=[key("commerce"), key("commerce, new")])


@pytest.mark.parametrize(
    ("signatures", "rule"),
    [
        ([rsa_signature(BODY, "commerce")], "signature_mismatch"),  # over the body itself
        ([rsa_signature(base64.b64encode(BODY), "a stranger")], "signature_mismatch"),
        ([rsa_signature(base64.b64encode(BODY + b" "), "commerce")], "signature_mismatch"),
        ([base64.b64encode(b"short").decode()], "signature_mismatch"),
        ([""], "signature_mismatch"),
        (["PLACEHOLDER!"], "signature_malformed"),
        (["å"], "signature_malformed"),
        (["A" * 5000], "signature_malformed"),
        ([], "signature_missing"),
        ([rsa_signature(base64.b64encode(BODY), "commerce")] * 2, "signature_malformed"),
    ],
)
def test_whatever_else_commerce_would_send_is_refused(signatures: list[str], rule: str) -> None:
    with pytest.raises(Rejected) as refused:
        must_be_signed_by_commerce(BODY, signatures=signatures, keys=[key("commerce")])

    assert rule_of(refused) == rule


def test_a_shop_without_keys_takes_nothing_of_commerce() -> None:
    with pytest.raises(Rejected) as refused:
        must_be_signed_by_commerce(
            BODY, signatures=[rsa_signature(base64.b64encode(BODY), "commerce")], keys=()
        )

    assert rule_of(refused) == "signature_mismatch"
    assert NOBODYS_KEY.key_size == 2048


@pytest.mark.parametrize("known", [{KEY_PATH: "adobe"}, {OTHER_PATH: "adobe, other"}])
def test_one_good_signature_of_an_event_suffices(known: dict[str, str]) -> None:
    claims = must_be_claimed(adobe_signed(BODY))

    must_be_signed_by_adobe(BODY, claims, {path: key(name) for path, name in known.items()})


def test_both_spellings_of_the_headers_are_read() -> None:
    headers = {
        "x-adobe-digital-signature1": rsa_signature(BODY, "adobe"),
        "x-adobe-public-key-1-path": KEY_PATH,
    }

    must_be_signed_by_adobe(BODY, must_be_claimed(headers), {KEY_PATH: key("adobe")})


def test_a_key_that_is_not_known_may_be_the_right_one() -> None:
    signed = must_be_claimed(adobe_signed(BODY))
    forged = must_be_claimed(adobe_signed(BODY, "a stranger", "adobe, other"))

    with pytest.raises(KeysNotKnown) as neither:
        must_be_signed_by_adobe(BODY, signed, {})
    with pytest.raises(KeysNotKnown) as second:
        must_be_signed_by_adobe(BODY, forged, {KEY_PATH: key("adobe")})

    assert neither.value.paths == (KEY_PATH, OTHER_PATH)
    assert second.value.paths == (OTHER_PATH,)


def test_with_both_keys_known_a_forgery_is_one() -> None:
    claims = must_be_claimed(adobe_signed(BODY, "a stranger", "another stranger"))

    with pytest.raises(Rejected) as refused:
        must_be_signed_by_adobe(BODY, claims, {KEY_PATH: key("adobe"), OTHER_PATH: key("adobe, other")})

    assert rule_of(refused) == "signature_mismatch"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/prod/keys/",
        "/prod/keys/pub-key-.pem",
        "//evil.example/prod/keys/pub-key-0.pem",
        "https://evil.example/prod/keys/pub-key-0.pem",
        "@evil.example/prod/keys/pub-key-0.pem",
        "/prod/keys/pub-key-../../secret.pem",
        "/prod/keys/pub-key-0.pem?x=1",
        "/prod/keys/pub-key-0.pem\n",
        "/prod/keys/pub-key-%2e.pem",
        "/prod/keys/pub-key-" + "0" * 100 + ".pem",
        "/prod/keys/pub-key-٠.pem",
        "/PROD/keys/pub-key-0.pem",
    ],
)
def test_a_path_that_is_not_a_keys_is_nobodys(path: str) -> None:
    assert not is_key_path(path)
    with pytest.raises(Rejected) as refused:
        must_be_claimed({"x-adobe-digital-signature-1": "AAAA", "x-adobe-public-key1-path": path})
    assert rule_of(refused) == "signature_missing"


def test_a_signature_without_the_path_of_its_key_is_none() -> None:
    for headers in ({"x-adobe-digital-signature-1": "AAAA"}, {"x-adobe-public-key1-path": KEY_PATH}, {}):
        with pytest.raises(Rejected):
            must_be_claimed(headers)
