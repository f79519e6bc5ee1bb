"""`/oauth-v1/...`: consent at once, tokens by three grants, revoke."""

from urllib.parse import parse_qs, urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.sandbox.fortnox.company import Company, SandboxFortnox
from services.sandbox.fortnox.oauth import Integration, OAuthError
from services.sandbox.fortnox.wire import json_response

RECORDED_TYPE = {400: "text/html; charset=UTF-8", 401: "text/plain;charset=UTF-8"}
FORM = "application/x-www-form-urlencoded"


def oauth_router(fortnox: SandboxFortnox) -> APIRouter:
    """The three end points."""
    router = APIRouter()

    async def token(request: Request) -> Response:
        try:
            return json_response(_token(fortnox, request, await _form(request)))
        except OAuthError as error:
            return _refused(error)

    async def revoke(request: Request) -> Response:
        try:
            integration = fortnox.oauth.integration(request.headers.get("authorization"))
            fortnox.oauth.revoke(integration.client_id, (await _form(request)).get("token", ""))
            return json_response({"revoked": True})
        except OAuthError as error:
            return _refused(error)

    async def authorize(request: Request) -> Response:
        return _authorize(fortnox, request)

    router.add_route("/oauth-v1/token", token, methods=["POST"])
    router.add_route("/oauth-v1/revoke", revoke, methods=["POST"])
    router.add_route("/oauth-v1/auth", authorize, methods=["GET"])
    return router


def _authorize(fortnox: SandboxFortnox, request: Request) -> Response:
    """Approve at once for `tenant_id` of the query, or the first company, and go back to the app."""
    query = request.query_params
    integration = fortnox.oauth.integrations.get(query.get("client_id", ""))
    if integration is None:
        return json_response({"error": "invalid_client", "error_description": "Unknown client"}, 400)
    target = query.get("redirect_uri", integration.redirect_uri)
    if target != integration.redirect_uri:
        return json_response(
            {"error": "redirect_uri_mismatch", "error_description": "Redirect URI mismatch"}, 400
        )
    company = _consenting_company(fortnox, query.get("tenant_id"))
    if company is None or query.get("response_type") != "code":
        back = {"error": "invalid_request", "error_description": "The request cannot be approved"}
    else:
        scopes = tuple(scope for scope in query.get("scope", "").split() if scope in company.scopes)
        service = query.get("account_type") == "service"
        back = {
            "code": fortnox.oauth.consent(integration.client_id, company.tenant_id, scopes, service=service)
        }
        company.service_consent = company.service_consent or service
    if "state" in query:
        back["state"] = query["state"]
    return RedirectResponse(f"{target}{'&' if '?' in target else '?'}{urlencode(back)}", 302)


def _consenting_company(fortnox: SandboxFortnox, tenant_id: str | None) -> Company | None:
    if tenant_id is not None:
        return fortnox.companies.get(int(tenant_id)) if tenant_id.isdecimal() else None
    return next(iter(fortnox.companies.values()), None)


def _token(fortnox: SandboxFortnox, request: Request, form: dict[str, str]) -> dict[str, object]:
    integration = fortnox.oauth.integration(request.headers.get("authorization"))
    match form.get("grant_type"):
        case "authorization_code":
            if form.get("redirect_uri", integration.redirect_uri) != integration.redirect_uri:
                raise OAuthError(400, "invalid_grant", "Invalid redirect URI")
            return fortnox.oauth.exchange(integration.client_id, form.get("code", ""))
        case "refresh_token":
            return fortnox.oauth.refresh(integration.client_id, form.get("refresh_token", ""))
        case "client_credentials":
            return _client_credentials(fortnox, integration, request.headers.get("tenantid", ""), form)
    raise OAuthError(400, "unsupported_grant_type", "The grant type is not supported")


def _client_credentials(
    fortnox: SandboxFortnox, integration: Integration, tenant: str, form: dict[str, str]
) -> dict[str, object]:
    company = fortnox.companies.get(int(tenant)) if tenant.isdecimal() else None
    if company is None or not company.service_consent:
        raise OAuthError(400, "invalid_grant", "No service account consent for the tenant")
    if (integration.client_id, company.tenant_id) in fortnox.oauth.revoked_consents:
        raise OAuthError(400, "invalid_grant", "No service account consent for the tenant")
    wanted = form.get("scope", "").split() or list(company.scopes)
    scopes = tuple(scope for scope in company.scopes if scope in wanted)
    return fortnox.oauth.client_credentials(integration.client_id, company.tenant_id, scopes)


async def _form(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip() != FORM:
        raise OAuthError(400, "invalid_request", f"The content type must be {FORM}")
    return {name: values[-1] for name, values in parse_qs((await request.body()).decode()).items()}


def _refused(error: OAuthError) -> Response:
    response = json_response({"error": error.error, "error_description": error.description}, error.status)
    response.headers["Content-Type"] = RECORDED_TYPE.get(error.status, response.headers["Content-Type"])
    return response
