"""Whatever shape a refusal has, its words are read and it becomes the error that says who acts."""

import re
from datetime import timedelta
from typing import Any

import pytest

from shared.clients import json_numbers
from shared.clients.http import Answer
from shared.clients.magento.errors import (
    NoRoute,
    NotFound,
    Said,
    TooMany,
    WrongSignature,
    error_for,
    is_maintenance,
    understood,
)
from shared.domain.errors import (
    InDoubt,
    MagentoCredentials,
    MagentoRights,
    RefusedByMagento,
    Unavailable,
    UnreadableAnswer,
)
from tests.shared.clients.magento.support import RECORDED, recorded, sample, samples

REFUSALS = [
    name
    for folder in ("auth", "errors", "docs", "product", "stock")
    for file in sorted((RECORDED / folder).rglob("*.json"))
    if recorded(name := file.relative_to(RECORDED).with_suffix("").as_posix())["status"] >= 400
]


def an_answer(status: int, body: Any, **headers: str) -> Answer:
    raw = body.encode() if isinstance(body, str) else json_numbers.dumps(body)
    return Answer(status, headers, raw)


def answered(name: str) -> Answer:
    found = recorded(name)
    body = found["response"]
    text = body["_text"] if isinstance(body, dict) and "_text" in body else body
    return an_answer(found["status"], text)


def test_every_recorded_refusal_is_looked_at() -> None:
    assert len(REFUSALS) == 93


@pytest.mark.parametrize("name", REFUSALS)
def test_a_recorded_refusal_becomes_words_without_placeholders(name: str) -> None:
    said = Said(answered(name))

    assert said.words
    assert not re.search(r"%(?:\d\b|[a-z]+[A-Z]?\w*)", said.words) or "not part of the order" in said.words
    assert "<" not in said.words


@pytest.mark.parametrize("name", [name for name, _ in samples("errors")])
def test_a_composed_refusal_becomes_an_error_too(name: str) -> None:
    found = sample(name)
    answer = an_answer(found["http_status"], found.get("body", found.get("body_text")))

    error = error_for(answer, endpoint="GET /rest/V1/orders", write=False)

    assert error.message.startswith("Magento ")
    assert error.facts["http_status"] == str(found["http_status"])


FAMILIES = {
    # credentials, whatever the status
    "auth/bad_signature": WrongSignature,
    "auth/consumer_short": MagentoCredentials,
    "auth/consumer_unknown": MagentoCredentials,
    "auth/consumer_missing": MagentoCredentials,
    "auth/token_unknown": MagentoCredentials,
    "auth/token_short": MagentoCredentials,
    "auth/token_missing": MagentoCredentials,
    "auth/nonce_reused": MagentoCredentials,
    "auth/nonce_missing": MagentoCredentials,
    "auth/future_ts": MagentoCredentials,
    "auth/ok_or_not_HMAC-SHA1": MagentoCredentials,
    "auth/version_2": MagentoCredentials,
    # rights, or nobody at all
    "auth/forbidden_acl": MagentoRights,
    "auth/forbidden_bulk": MagentoRights,
    "auth/bearer_junk": MagentoRights,
    "auth/none": MagentoRights,
    # not there
    "errors/order_404": NotFound,
    "errors/customer_404": NotFound,
    "errors/product_404": NotFound,
    "errors/bulk_unknown": NotFound,
    "errors/route_404": NoRoute,
    "errors/method_not_allowed": NoRoute,
    # a person
    "errors/refund_over": RefusedByMagento,
    "errors/bad_store_code": RefusedByMagento,
    "errors/customer_duplicate": RefusedByMagento,
    # by itself
    "errors/maintenance_mode": Unavailable,
    "errors/fpm_down": Unavailable,
    "errors/db_down": Unavailable,
    "errors/orders_bad_field": Unavailable,
}


@pytest.mark.parametrize(("name", "family"), FAMILIES.items())
def test_a_recorded_refusal_says_who_acts(name: str, family: type[Exception]) -> None:
    assert type(error_for(answered(name), endpoint="GET /x", write=False)) is family


def test_a_missing_right_is_named() -> None:
    error = error_for(answered("auth/forbidden_acl"), endpoint="GET /rest/V1/orders", write=False)

    assert error.message == (
        "Magento refused GET /rest/V1/orders: The consumer isn't authorized to access "
        "Magento_Sales::actions_view. (status 401)"
    )
    assert error.facts["resource"] == "Magento_Sales::actions_view"


def test_nested_errors_are_told_with_their_fields() -> None:
    said = Said(answered("errors/customer_address_missing"))

    assert said.words == (
        "One or more input exceptions have occurred. "
        '("city" is required. Enter and try again.; "telephone" is required. Enter and try again.; '
        '"postcode" is required. Enter and try again.)'
    )


def test_placeholders_are_filled_from_lists_and_objects() -> None:
    numbered = an_answer(400, {"message": "%1 and %10 of %2", "parameters": list("abcdefghij")})
    named = an_answer(
        400, {"message": "%field %fieldName", "parameters": {"field": 1, "fieldName": ["x", "y"]}}
    )

    assert Said(numbered).words == "a and j of b"
    assert Said(named).words == "1 x, y"


def test_a_limit_is_read_from_its_parameters() -> None:
    for name, most in (("400-max-page-size", 300), ("400-max-items", 20)):
        error = error_for(an_answer(400, sample(f"errors/{name}")["body"]), endpoint="POST /x", write=True)

        assert isinstance(error, TooMany)
        assert error.maximum == most


def test_a_masked_error_keeps_its_report() -> None:
    answer = answered("errors/orders_bad_field")
    error = error_for(answer, endpoint="GET /rest/V1/orders", write=False)

    assert error.facts["report"] == "webapi-6b00d343bf5ac"
    assert understood(answer)


def test_a_masked_error_on_a_write_leaves_it_in_doubt() -> None:
    error = error_for(answered("errors/orders_bad_field"), endpoint="POST /x", write=True)

    assert isinstance(error, InDoubt)


def test_maintenance_did_nothing_and_asks_to_wait_long() -> None:
    answer = answered("errors/maintenance_mode")
    error = error_for(answer, endpoint="POST /x", write=True)

    assert understood(answer)
    assert isinstance(error, Unavailable)
    assert error.retry_after == timedelta(minutes=1)


def test_a_503_of_a_proxy_is_not_taken_for_maintenance() -> None:
    answer = an_answer(503, "<html><head><title>503 Backend fetch failed</title></head></html>")

    assert not is_maintenance(answer)
    assert not understood(answer)


@pytest.mark.parametrize(
    "message",
    [
        "Could not save: SQLSTATE[40001]: Deadlock found when trying to get lock; try restarting transaction",
        "Lock wait timeout exceeded",
        "Database deadlock found when trying to get lock",
    ],
)
def test_a_deadlock_passes_by_itself_also_on_a_write(message: str) -> None:
    assert (
        type(error_for(an_answer(400, {"message": message}), endpoint="POST /x", write=True)) is Unavailable
    )


def test_a_404_of_another_server_says_nothing_about_the_order() -> None:
    error = error_for(an_answer(404, "<title>404 Not Found</title>"), endpoint="GET /x", write=False)

    assert type(error) is NoRoute


def test_a_redirect_names_where_it_points() -> None:
    answer = an_answer(301, "", location="https://shop.example.com/")

    error = error_for(answer, endpoint="GET /x", write=False)

    assert type(error) is UnreadableAnswer
    assert "it points to https://shop.example.com/; is base_url the shop's own?" in error.message


@pytest.mark.parametrize("body", ["", "null", "[]", "3", '{"message": null}', '{"errors": 3}', "\xff"])
def test_odd_bodies_are_refusals_without_a_reason(body: str) -> None:
    error = error_for(an_answer(403, body), endpoint="GET /x", write=False)

    assert type(error) is RefusedByMagento
