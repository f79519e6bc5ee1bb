"""The Fortnox stand-in's parts, fetched by name while that stand-in is still being built."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import cast

from fastapi import APIRouter
from starlette.applications import Starlette
from starlette.types import ASGIApp

from services.sandbox.fortnox.company import SandboxFortnox


def fortnox_app(fortnox: SandboxFortnox) -> ASGIApp:
    if find_spec("services.sandbox.fortnox.app") is None:
        return Starlette()
    return cast(ASGIApp, import_module("services.sandbox.fortnox.app").create_fortnox_app(fortnox))


def fortnox_control(fortnox: SandboxFortnox) -> APIRouter:
    for name in ("services.sandbox.fortnox.control", "services.sandbox.fortnox.app"):
        if find_spec(name) is not None and hasattr(import_module(name), "create_fortnox_control"):
            return cast(APIRouter, import_module(name).create_fortnox_control(fortnox))
    return APIRouter()
