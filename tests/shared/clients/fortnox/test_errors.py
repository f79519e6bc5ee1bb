"""Which family a refusal belongs to."""

import json
from pathlib import Path

import pytest

from shared.clients.fortnox.errors import (
    ArticleMissing,
    CustomerMissing,
    NotFound,
    NumberTaken,
    error_for,
    understood,
)
from shared.clients.http import Answer
from shared.domain.errors import (
    AlreadyPaid,
    ConnectionRevoked,
    InDoubt,
    MissingAccount,
    MissingCurrency,
    MissingFinancialYear,
    MissingMapping,
    MissingRights,
    MissingVoucherSeries,
    PeriodLocked,
    RefusedByFortnox,
    SlussError,
    Unavailable,
    UnknownVatRate,
)
from tests.shared.clients.support import recorded, sample


def said(status: int, code: int | str | None, message: str = "Nej.", *, capital: bool = False) -> Answer:
    names = ("Error", "Message", "Code") if capital else ("error", "message", "code")
    information = dict(zip(names, (1, message, code), strict=True))
    return Answer(status, {}, json.dumps({"ErrorInformation": information}).encode())


def family(answer: Answer, *, write: bool = True) -> type[SlussError]:
    return type(error_for(answer, endpoint="POST /3/orders", write=write))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (2000204, CustomerMissing),
        (2001302, ArticleMissing),
        (2000637, NumberTaken),
        (2000433, NotFound),
        (2000401, PeriodLocked),
        (2002141, PeriodLocked),
        (2000423, MissingAccount),
        (2000550, MissingAccount),
        (2001304, MissingAccount),
        (2004167, MissingMapping),
        (2000427, MissingCurrency),
        (2004344, MissingCurrency),
        (2001101, MissingRights),
        (2001103, MissingRights),
        (2000663, MissingRights),
        (2000310, ConnectionRevoked),
        (2000359, RefusedByFortnox),
        (2003055, AlreadyPaid),
    ],
)
@pytest.mark.parametrize("status", [400, 403, 404])
def test_the_code_decides_whatever_the_status_the_case_and_the_type(
    code: int, expected: type[SlussError], status: int
) -> None:
    if expected is not RefusedByFortnox or status != 403:  # 403 without a known code is about rights
        assert family(said(status, code)) is expected
        assert family(said(status, str(code), capital=True)) is expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Verifikationsserien S är inte manuell i räkenskapsåret.", MissingVoucherSeries),
        ("Räkenskapsår saknas för 2027-01-01.", MissingFinancialYear),
        ("Perioden är låst till och med 2025-12-31.", PeriodLocked),
        ("Momssatsen 25.5 finns inte.", UnknownVatRate),
        ("Valutan ISK finns inte.", MissingCurrency),
        ("Du saknar behörighet.", MissingRights),
        ("Kontot 3106 är inte aktivt.", MissingAccount),
        ("Något helt annat.", RefusedByFortnox),
    ],
)
def test_words_decide_where_the_code_is_unknown(message: str, expected: type[SlussError]) -> None:
    failure = error_for(said(400, 2999999, message), endpoint="POST /3/orders", write=True)

    assert type(failure) is expected
    assert message in failure.message
    assert failure.facts == {
        "endpoint": "POST /3/orders",
        "http_status": "400",
        "fortnox_code": "2999999",
    }


def test_recorded_refusals_have_their_families(shared_material: Path) -> None:
    for name, expected in (
        ("orders__find_failure", NotFound),
        ("articles__find_failure", NotFound),
        ("customers__find_failure", NotFound),
        ("invoices__filter_invalid", RefusedByFortnox),
        ("authentication__expired_token", ConnectionRevoked),
    ):
        answer = recorded(shared_material, name)[-1]["response"]
        given = Answer(answer["status"], {}, json.dumps(answer["body"]).encode())
        assert family(given, write=False) is expected, name


@pytest.mark.parametrize(
    "body", [b"", b"<html>403</html>", b"[]", b'"no"', b"{}", b'{"ErrorInformation":null}']
)
def test_a_body_that_says_nothing_never_breaks_the_reading(body: bytes) -> None:
    assert family(Answer(403, {}, body)) is MissingRights
    assert family(Answer(401, {}, body)) is ConnectionRevoked
    assert family(Answer(400, {}, body)) is RefusedByFortnox
    assert family(Answer(404, {}, body)) is RefusedByFortnox  # a gateway's 404 is not "no such order"


def test_a_system_exception_on_a_write_is_in_doubt_and_on_a_read_passes() -> None:
    assert family(said(400, 1000003), write=True) is InDoubt
    assert family(said(400, 1000003), write=False) is Unavailable


def test_a_5xx_with_a_clear_code_is_understood_and_a_system_exception_is_not() -> None:
    assert understood(said(500, 2000359))
    assert not understood(said(500, 1000003))
    assert not understood(Answer(502, {}, b"<html>"))


def test_all_sampled_errors_are_read(shared_material: Path) -> None:
    for error in sample(shared_material, "fortnox-samples", "errors.json"):
        body = error["body"]
        raw = b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        assert isinstance(
            error_for(Answer(int(error["http_status"]), {}, raw), endpoint="x", write=False), SlussError
        )
