"""A stand-in for VIES' REST API: it knows the numbers that it was told of, and can be down for a country."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.sandbox.clock import SandboxClock


@dataclass
class SandboxVies:
    """`valid` are numbers with their prefix, `down` the countries whose register does not answer."""

    clock: SandboxClock
    valid: set[str] = field(default_factory=set)
    down: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def answer(self, country: str, number: str, *, named: bool) -> dict[str, object]:
        """Who names himself gets a number of the answer."""
        self.asked.append(country + number)
        valid = country + number in self.valid
        error = "MS_UNAVAILABLE" if country in self.down else "VALID" if valid else "INVALID"
        return {
            "isValid": valid and error == "VALID",
            "requestDate": self.clock().strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "userError": error,
            "name": "---",
            "address": "---",
            "requestIdentifier": f"WAPIAAAA{len(self.asked):08d}" if named and error == "VALID" else "",
            "originalVatNumber": number,
            "vatNumber": number,
        }


def create_vies_app(vies: SandboxVies) -> Starlette:
    async def check(request: Request) -> JSONResponse:
        named = "requesterNumber" in request.query_params
        return JSONResponse(
            vies.answer(request.path_params["country"], request.path_params["number"], named=named)
        )

    return Starlette(routes=[Route("/ms/{country}/vat/{number}", check)])
