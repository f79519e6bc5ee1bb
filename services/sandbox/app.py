"""The sandbox as one ASGI app: Svea's two APIs, Fortnox, Magento, and the control API, behind faults."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from services.sandbox.control import create_control_app
from services.sandbox.faults import FaultLayer
from services.sandbox.fortnox.app import create_fortnox_app
from services.sandbox.magento.app import create_magento_app
from services.sandbox.sandbox import Sandbox as Sandbox
from services.sandbox.svea.admin_app import create_admin_app
from services.sandbox.svea.checkout_app import create_checkout_app
from services.sandbox.vies import create_vies_app


def create_sandbox_app(sandbox: Sandbox, *, in_process: bool = False) -> ASGIApp:
    """`in_process`: dropped connections raise the client's error, because there is no connection to break."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await sandbox.aclose()

    app = Starlette(
        lifespan=lifespan,
        routes=[
            Mount("/svea/checkout", create_checkout_app(sandbox.svea)),
            Mount("/svea/admin", create_admin_app(sandbox.svea)),
            Mount("/fortnox", create_fortnox_app(sandbox.fortnox)),
            Mount("/magento", create_magento_app(sandbox.magento)),
            Mount("/vies/rest-api", create_vies_app(sandbox.vies)),
            Mount("/_control", create_control_app(sandbox)),
        ],
    )
    return FaultLayer(app, sandbox.faults, in_process=in_process)
