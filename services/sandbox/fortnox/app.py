"""The stand-in as a web application: the gate every request passes, then the resource it asks for."""

import time
from collections.abc import Mapping
from urllib.parse import unquote

from fastapi import FastAPI
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import WebSocketRoute

from services.sandbox.fortnox import warehouse
from services.sandbox.fortnox.articles import Articles
from services.sandbox.fortnox.collection import Answer, Ask, Collection, no_such_method
from services.sandbox.fortnox.company import Call, Company, SandboxFortnox
from services.sandbox.fortnox.company_pages import PAGES
from services.sandbox.fortnox.customers import Customers
from services.sandbox.fortnox.files import Archive, Inbox, VoucherFileConnections
from services.sandbox.fortnox.invoices import Invoices
from services.sandbox.fortnox.kept_files import Upload
from services.sandbox.fortnox.ledger_settings import (
    Accounts,
    Currencies,
    FinancialYears,
    ModesOfPayments,
    VoucherSeriesCollection,
)
from services.sandbox.fortnox.limiter import WINDOW_SECONDS
from services.sandbox.fortnox.oauth import Grant
from services.sandbox.fortnox.oauth_routes import oauth_router
from services.sandbox.fortnox.orders import Orders
from services.sandbox.fortnox.payments import InvoicePayments
from services.sandbox.fortnox.predefined import PredefinedAccounts, PredefinedVoucherSeries
from services.sandbox.fortnox.prices import Prices
from services.sandbox.fortnox.refusals import Refusal
from services.sandbox.fortnox.registers import (
    PriceLists,
    TermsOfDeliveries,
    TermsOfPayments,
    Units,
    WaysOfDelivery,
)
from services.sandbox.fortnox.sie import Sie
from services.sandbox.fortnox.vouchers import Vouchers
from services.sandbox.fortnox.websocket import websocket_endpoint
from services.sandbox.fortnox.wire import from_json, json_response

METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"]
COLLECTIONS: Mapping[str, type[Collection]] = {
    each.path: each
    for each in (
        Customers,
        Articles,
        Prices,
        PriceLists,
        Orders,
        Invoices,
        InvoicePayments,
        Vouchers,
        Sie,
        Inbox,
        Archive,
        VoucherFileConnections,
        VoucherSeriesCollection,
        FinancialYears,
        Accounts,
        Currencies,
        ModesOfPayments,
        PredefinedAccounts,
        PredefinedVoucherSeries,
        TermsOfPayments,
        TermsOfDeliveries,
        WaysOfDelivery,
        Units,
    )
}


def create_fortnox_app(fortnox: SandboxFortnox) -> FastAPI:
    """`/3/...`, `/api/warehouse/...`, `/oauth-v1/...` and the event stream of the stand-in."""
    app = FastAPI(title="Fortnox stand-in", docs_url=None, redoc_url=None, openapi_url=None)

    async def pass_gate(request: Request) -> Response:
        return await _pass_gate(fortnox, request)

    app.add_route("/3/{rest:path}", pass_gate, methods=METHODS)
    app.add_route("/api/warehouse/{rest:path}", pass_gate, methods=METHODS)
    app.include_router(oauth_router(fortnox))
    app.router.routes.append(WebSocketRoute("/topics-v1", websocket_endpoint(fortnox)))
    return app


async def _pass_gate(fortnox: SandboxFortnox, request: Request) -> Response:
    """Who, how often, then what. A request counts when it arrives."""
    started = time.monotonic()
    grant = fortnox.oauth.bearer(request.headers.get("authorization"))
    company = fortnox.companies.get(grant.tenant_id) if grant is not None else None
    if grant is None or company is None:
        fortnox.unauthorized[request.url.path] += 1
        return json_response({"message": "unauthorized"}, 401)
    if company.switches.rate_limit and not fortnox.window.admits(grant.client_id, company.tenant_id):
        company.too_many_requests += 1
        _log(company, grant, request, 429, None)
        return _too_many(company)
    answer, body = _answered(company, grant, request, await _received(request))
    _log(company, grant, request, answer.status, body)
    headers = {**answer.headers, "X-Rack-Responsetime": str(round((time.monotonic() - started) * 1000))}
    if isinstance(answer.body, bytes):
        return Response(answer.body, answer.status, headers, answer.media_type)
    return json_response(answer.body, answer.status, headers)


async def _received(request: Request) -> bytes | Upload:
    """The body, or the part `file` of a form."""
    raw = await request.body()
    if not _content_type(request).startswith("multipart/"):
        return raw
    async with request.form() as form:
        file = form.get("file")
        return Upload(file.filename or "", await file.read()) if isinstance(file, UploadFile) else b""


def _answered(
    company: Company, grant: Grant, request: Request, sent: bytes | Upload
) -> tuple[Answer, object]:
    """The answer, and the body as the log of calls has it."""
    body: object = None
    try:
        segments = _segments(request)
        _must_speak_well(company, request, segments)
        body = sent if isinstance(sent, Upload) else from_json(sent) if sent else None
        ask = Ask(request.method, tuple(segments[2:]), dict(request.query_params), body)
        answer = _ask(company, grant, segments, ask)
        return answer, {"file": sent.name, "size": len(sent.content)} if isinstance(sent, Upload) else body
    except Refusal as refusal:
        return Answer(refusal.body(), refusal.status), None if isinstance(body, Upload) else body


def _ask(company: Company, grant: Grant, segments: list[str], ask: Ask) -> Answer:
    if segments[0] == "api":
        _must_have_scope(grant, "warehouse")
        return warehouse.answer(company, ask)
    page = PAGES.get(tuple(segments[1:]))
    if page is not None and ask.method == "GET":
        _must_have_scope(grant, page[0])
        return Answer(page[1](company, ask.query))
    if len(segments) < 2 or segments[1] not in COLLECTIONS:
        raise no_such_method()
    collection = COLLECTIONS[segments[1]]
    _must_have_scope(grant, collection.scope)
    return collection(company).answer(ask)


def _segments(request: Request) -> list[str]:
    """The path below where the stand-in is mounted, cut at real slashes: `%2F` belongs to a number."""
    path = request.scope.get("raw_path", request.scope["path"].encode()).partition(b"?")[0].decode("ascii")
    below = path.removeprefix(request.scope.get("root_path", ""))
    return [unquote(segment) for segment in below.split("/") if segment]


def _must_speak_well(company: Company, request: Request, segments: list[str]) -> None:
    """JSON both ways, but for files, which come in forms."""
    accept = request.headers.get("accept", "")
    if "application/json" not in accept and (company.switches.strict_accept or "*/*" not in accept):
        raise Refusal(1000030, "Ogiltigt värde i Accept.")
    takes_files = request.method == "POST" and segments[1:] in (["inbox"], ["archive"])
    wanted = "multipart/form-data" if takes_files else "application/json"
    if request.method in ("POST", "PUT") and _content_type(request) != wanted:
        raise Refusal(1000031, "Ogiltigt värde i Content-Type.")


def _content_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip()


def _must_have_scope(grant: Grant, scope: str) -> None:
    if scope not in grant.scopes:
        raise Refusal(2000663, f"Åtkomst saknas till {scope}.", status=403)


def _too_many(company: Company) -> Response:
    headers = {"Retry-After": str(int(WINDOW_SECONDS))} if company.switches.retry_after else None
    return HTMLResponse("<html><body><h1>429 Too Many Requests</h1></body></html>", 429, headers)


def _log(company: Company, grant: Grant, request: Request, status: int, body: object) -> None:
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    call = Call(request.method, path, request.url.query, status, company.clock(), grant.client_id, body)
    company.calls.append(call)
