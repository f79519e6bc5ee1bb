"""How Svea says no: one exception, three shapes of body (svea.md section 6)."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

_HEADLINES = {400: "Validation failed", 401: "Unauthorized", 403: "Forbidden", 404: "Not found"}


class ErrorShape(StrEnum):
    DETAILED = "detailed"
    RESULT_CODE = "result_code"
    HEADER = "header"


class Refused(Exception):
    """A request that Svea does not carry out. Nothing was changed."""

    def __init__(self, status: int, code: int, field: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.field, self.message = status, code, field, message

    def body(self, shape: ErrorShape) -> dict[str, Any] | None:
        if shape is ErrorShape.DETAILED:
            error = {"Code": self.code, "Field": self.field, "ErrorMessage": self.message}
            return {"Code": self.status, "Message": self._headline(), "Errors": [error]}
        if shape is ErrorShape.RESULT_CODE:
            return {"resultCode": self.code, "errorMessage": self.message}
        return None

    def headers(self, shape: ErrorShape) -> dict[str, str]:
        if shape is ErrorShape.HEADER:
            return {"ErrorMessage": self.message.encode("latin-1", "replace").decode("latin-1")}
        return {}

    def _headline(self) -> str:
        return {400: "Validation failed", 401: "Unauthorized", 403: "Forbidden", 404: "Not found"}[
            self.status
        ]


def invalid(field: str, message: str, code: int = 30000) -> Refused:
    return Refused(400, code, field, message)


def unauthorized(message: str) -> Refused:
    return Refused(401, 40100, "Authorization", message)


def not_yours(checkout_id: int) -> Refused:
    return Refused(403, 40300, "OrderId", f"Order {checkout_id} belongs to another merchant")


def unknown(field: str, what: object) -> Refused:
    return Refused(404, 40400, field, f"{field} {what} does not exist")
