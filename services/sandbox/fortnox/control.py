"""Reading the stand-in's books and changing its settings, for tests in other processes and for the demo."""

from collections.abc import Callable
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.sandbox.fortnox.books import Voucher
from services.sandbox.fortnox.chart import Account, Currency, VatCode, VoucherSeries
from services.sandbox.fortnox.company import Call, Company, FinancialYear, SandboxFortnox
from services.sandbox.fortnox.websocket_control import add_stream_control
from services.sandbox.fortnox.wire import Fields, from_json, json_response

DOCUMENTS = ("orders", "invoices", "payments", "customers", "articles", "prices")


def create_fortnox_control(fortnox: SandboxFortnox) -> APIRouter:
    """`/integrations`, `/companies` and, below each, `/books /vouchers /documents /files /calls`."""
    router = APIRouter()

    async def add_integration(request: Request) -> Response:
        sent = await _object(request)
        fortnox.add_integration(**sent)
        return json_response({"client_id": sent["client_id"]}, 201)

    async def list_companies(request: Request) -> Response:
        return json_response({"companies": [_settings(company) for company in fortnox.companies.values()]})

    async def add_company(request: Request) -> Response:
        sent = settings_from_json(await _object(request))
        return json_response(_settings(fortnox.add_company(int(sent.pop("tenant_id")), **sent)), 201)

    async def change_company(request: Request) -> Response:
        company = _company(fortnox, request)
        company.change(**settings_from_json(await _object(request), company))
        return json_response(_settings(company))

    router.add_route("/integrations", _answering(add_integration), methods=["POST"])
    router.add_route("/companies", list_companies, methods=["GET"])
    router.add_route("/companies", _answering(add_company), methods=["POST"])
    router.add_route("/companies/{tenant}", _answering(change_company), methods=["PATCH"])
    _add_read_outs(router, fortnox)
    add_stream_control(router, fortnox)
    return router


def _add_read_outs(router: APIRouter, fortnox: SandboxFortnox) -> None:
    async def books(request: Request) -> Response:
        return json_response(_books(_company(fortnox, request), request))

    async def vouchers(request: Request) -> Response:
        return json_response(
            {"vouchers": [_shown(voucher) for voucher in _company(fortnox, request).vouchers]}
        )

    async def documents(request: Request) -> Response:
        company = _company(fortnox, request)
        return json_response({name: list(getattr(company, name).values()) for name in DOCUMENTS})

    async def files(request: Request) -> Response:
        return json_response({"files": _files(_company(fortnox, request))})

    async def calls(request: Request) -> Response:
        company = _company(fortnox, request)
        shown = [_call(call) for call in company.calls]
        return json_response({"calls": shown, "too_many_requests": company.too_many_requests})

    async def forget_calls(request: Request) -> Response:
        company = _company(fortnox, request)
        company.calls.clear()
        company.too_many_requests = 0
        return json_response({}, 204)

    async def withdraw(request: Request) -> Response:
        company = _company(fortnox, request)
        for client_id in fortnox.oauth.integrations:
            fortnox.oauth.withdraw(client_id, company.tenant_id)
        company.service_consent = False
        return json_response({}, 204)

    router.add_route("/companies/{tenant}/books", _answering(books), methods=["GET"])
    router.add_route("/companies/{tenant}/vouchers", _answering(vouchers), methods=["GET"])
    router.add_route("/companies/{tenant}/documents", _answering(documents), methods=["GET"])
    router.add_route("/companies/{tenant}/files", _answering(files), methods=["GET"])
    router.add_route("/companies/{tenant}/calls", _answering(calls), methods=["GET"])
    router.add_route("/companies/{tenant}/calls", _answering(forget_calls), methods=["DELETE"])
    router.add_route("/companies/{tenant}/consent", _answering(withdraw), methods=["DELETE"])


def _answering(handler: Callable[[Request], Any]) -> Callable[[Request], Any]:
    """Unknown companies are 404, settings without sense 400: the caller is a test and wants the reason."""

    async def answer(request: Request) -> Response:
        try:
            response: Response = await handler(request)
            return response
        except LookupError as error:
            return json_response({"error": f"not found: {error}"}, 404)
        except (TypeError, ValueError) as error:
            return json_response({"error": str(error)}, 400)

    return answer


def _company(fortnox: SandboxFortnox, request: Request) -> Company:
    return fortnox.company(int(request.path_params["tenant"]))


async def _object(request: Request) -> Fields:
    body = from_json(await request.body())
    if not isinstance(body, dict):
        raise TypeError("the body must be a JSON object")
    return body


def settings_from_json(sent: Fields, company: Company | None = None) -> Fields:
    """Settings as JSON into the types of `Company`. Accounts, currencies, modes and series are added."""
    return {
        name: _READERS[name](value, company) if name in _READERS else value for name, value in sent.items()
    }


def _accounts(value: list[Fields], company: Company | None) -> dict[int, Account]:
    old = company.accounts if company else Company.standard(0, _no_time).accounts
    return old | {row["number"]: _account(row) for row in value}


def _account(row: Fields) -> Account:
    defaults: Fields = {"description": f"Konto {row['number']}"}
    return Account(**(defaults | row))


def _currencies(value: list[Fields], company: Company | None) -> dict[str, Currency]:
    old = company.currencies if company else Company.standard(0, _no_time).currencies
    return old | {row["code"]: Currency(**_decimals(row, "buy_rate", "sell_rate", "unit")) for row in value}


def _modes(value: Fields, company: Company | None) -> dict[str, tuple[str, int]]:
    old = company.modes_of_payment if company else Company.standard(0, _no_time).modes_of_payment
    return old | {code: (code, account) for code, account in value.items()}


def _series(value: list[Fields], company: Company | None) -> dict[str, VoucherSeries]:
    old = company.voucher_series if company else Company.standard(0, _no_time).voucher_series
    return old | {row["code"]: VoucherSeries(**row) for row in value}


def _years(value: list[Fields], company: Company | None) -> list[FinancialYear]:
    return [
        FinancialYear(
            row["id"],
            date.fromisoformat(row["from_date"]),
            date.fromisoformat(row["to_date"]),
            row.get("accounting_method", "ACCRUAL"),
        )
        for row in value
    ]


def _vat_codes(value: list[Fields], company: Company | None) -> list[VatCode]:
    return [VatCode(row["code"], Decimal(row["rate"]), row.get("account")) for row in value]


def _decimals(row: Fields, *names: str) -> Fields:
    return row | {name: Decimal(row[name]) for name in names if name in row}


def _locked(value: str | None, company: Company | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _no_time() -> Any:
    from datetime import UTC, datetime

    return datetime(2026, 1, 1, tzinfo=UTC)


_READERS: dict[str, Callable[[Any, Company | None], Any]] = {
    "accounts": _accounts,
    "currencies": _currencies,
    "modes_of_payment": _modes,
    "voucher_series": _series,
    "financial_years": _years,
    "vat_codes": _vat_codes,
    "locked_until": _locked,
    "scopes": lambda value, company: tuple(value),
}


def _settings(company: Company) -> Fields:
    return {
        "tenant_id": company.tenant_id,
        "name": company.name,
        "service_consent": company.service_consent,
        "scopes": list(company.scopes),
        "locked_until": company.locked_until.isoformat() if company.locked_until else None,
        "financial_years": [
            {"id": year.id, "from_date": str(year.from_date), "to_date": str(year.to_date)}
            | {"accounting_method": year.accounting_method}
            for year in company.financial_years
        ],
        "accounts": sorted(company.accounts),
        "vat_codes": [
            {"code": code.code, "rate": str(code.rate), "account": code.account} for code in company.vat_codes
        ],
        "currencies": {code: str(currency.sell_rate) for code, currency in company.currencies.items()},
        "switches": {each.name: getattr(company.switches, each.name) for each in fields(company.switches)},
    }


def _books(company: Company, request: Request) -> Fields:
    limits = [request.query_params.get(name) for name in ("from_date", "to_date")]
    first, last = (date.fromisoformat(limit) if limit else None for limit in limits)
    sums = company.books.by_account(first, last)
    return {"accounts": {str(account): f"{amount:.2f}" for account, amount in sums.items()}}


def _shown(voucher: Voucher) -> Fields:
    return {
        "series": voucher.series,
        "number": voucher.number,
        "year": voucher.year,
        "date": voucher.date.isoformat(),
        "description": voucher.description,
        "comments": voucher.comments,
        "reference_type": voucher.reference_type,
        "reference_number": voucher.reference_number,
        "rows": [
            {
                "account": row.account,
                "debit": f"{row.debit:.2f}",
                "credit": f"{row.credit:.2f}",
                "description": row.description,
                "transaction_information": row.transaction_information,
            }
            for row in voucher.rows
        ],
    }


def _files(company: Company) -> list[Fields]:
    """Each file, and the voucher that it explains."""
    connections = company.file_connections
    return [
        {
            "id": file.id,
            "name": file.name,
            "folder": file.folder,
            "size": len(file.content),
            "voucher": vars(connections[file.id]) if file.id in connections else None,
        }
        for file in company.files.values()
    ]


def _call(call: Call) -> Fields:
    return {
        "method": call.method,
        "path": call.path,
        "query": call.query,
        "status": call.status,
        "at": call.at.isoformat(),
        "client_id": call.client_id,
        "body": call.body,
    }
