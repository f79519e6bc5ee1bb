"""Control of what Svea pays out: terms, days, extra rows, reports that change or do not add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.sandbox.svea.rules_credit import delivery_of
from services.sandbox.svea.settlement_extras import Extra, ExtraKind
from services.sandbox.svea.settlement_terms import FeeTerm, RateDirection
from services.sandbox.svea.stand_in import SandboxSvea
from services.sandbox.svea.week import play_day

Json = dict[str, Any]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Fee(Strict):
    """Percentages x100, amounts in minor units."""

    type: str
    percent: int = 0
    fixed: int = 0
    vat_percent: int = 0


class ByPaymentType(Strict):
    client_ids: dict[str, int] = {}
    fees: dict[str, list[Fee]] = {}

    def fee_terms(self) -> dict[str, Sequence[FeeTerm]]:
        return {name: [FeeTerm(**fee.model_dump()) for fee in fees] for name, fees in self.fees.items()}


class NewTerms(ByPaymentType):
    """What is not named stays as it is."""

    banking_days: int = Field(default=1, ge=0)
    closed_days: frozenset[date] = frozenset()
    not_through_svea: frozenset[str] = frozenset()
    destination_currency: str | None = None
    exchange_rate: Decimal | None = Field(default=None, gt=0)
    rate_direction: RateDirection = RateDirection.DESTINATION_PER_CURRENCY
    returns_fees: bool = False
    shows_idle_debt: bool = False


class Settle(ByPaymentType):
    amounts: dict[int, int] = {}


class NewExtra(Strict):
    kind: ExtraKind
    amount: int
    checkout_id: int | None = None
    delivery_id: int | None = None
    payment_type: str | None = None
    client_id: int | None = None
    vat: int | None = None
    vat_percent: int | None = None
    comment: str | None = None


class Reissue(Strict):
    delivery_id: int
    fee: int


class Misstatement(Strict):
    name: str = "sveaPaidAmountIncludingWithholding"
    by: int
    client_id: int | None = None


def add_settlement_routes(router: APIRouter, svea: SandboxSvea) -> None:
    _add_term_routes(router, svea)
    _add_day_routes(router, svea)


def _add_term_routes(router: APIRouter, svea: SandboxSvea) -> None:
    @router.get("/settlements/{merchant_id}")
    async def show(merchant_id: str) -> Json:
        book = svea.book(merchant_id)
        debts = [
            {"client_id": client_id, "currency": currency, "debt": debt}
            for (client_id, currency), debt in book.debts().items()
        ]
        return {"terms": asdict(book.terms), "days": sorted(book.days), "debts": debts}

    @router.patch("/settlements/{merchant_id}/terms", status_code=204)
    async def change_terms(merchant_id: str, wanted: NewTerms) -> None:
        terms = svea.book(merchant_id).terms
        terms.client_ids.update(wanted.client_ids)
        terms.fees.update({name: tuple(fees) for name, fees in wanted.fee_terms().items()})
        for name in wanted.model_fields_set - {"client_ids", "fees"}:
            setattr(terms, name, getattr(wanted, name))

    @router.post("/settlements/{merchant_id}/extras", status_code=204)
    async def add_extra(merchant_id: str, wanted: NewExtra) -> None:
        options = wanted.model_dump(exclude={"checkout_id", "delivery_id"})
        about = None if wanted.checkout_id is None else svea.admin_order(wanted.checkout_id)
        if about is not None and wanted.delivery_id is not None:
            options["delivery"] = delivery_of(about, wanted.delivery_id)
        svea.book(merchant_id).extras.append(Extra(**options, about=about))


def _add_day_routes(router: APIRouter, svea: SandboxSvea) -> None:
    day_path = "/settlements/{merchant_id}/days/{day}"

    @router.post(day_path)
    async def settle_day(merchant_id: str, day: date, wanted: Settle | None = None) -> Json:
        wanted = wanted or Settle()
        return svea.settle_day(
            merchant_id,
            day,
            amounts=wanted.amounts,
            client_ids=wanted.client_ids,
            fees=wanted.fee_terms(),
        )

    @router.get(day_path)
    async def report(merchant_id: str, day: date) -> Json:
        return svea.book(merchant_id).report(day)

    @router.post(day_path + "/reissue", status_code=204)
    async def reissue(merchant_id: str, day: date, wanted: Reissue) -> None:
        svea.book(merchant_id).reissue(day, wanted.delivery_id, fee=wanted.fee)

    @router.post(day_path + "/misstate", status_code=204)
    async def misstate(merchant_id: str, day: date, wanted: Misstatement) -> None:
        svea.book(merchant_id).misstate(day, wanted.name, by=wanted.by, client_id=wanted.client_id)

    @router.post("/weeks/{merchant_id}/{monday}/{number}")
    async def play(merchant_id: str, monday: date, number: int) -> Json:
        """One day of a business week: 0 is Monday, 5 the Monday after."""
        return asdict(play_day(svea, merchant_id, monday, number))
