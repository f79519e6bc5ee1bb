"""The body as it was sent: signatures are over bytes, and nobody makes us hold more than we agreed to."""

from starlette.requests import Request


class BodyTooLarge(Exception):
    """More was announced, or sent, than is taken."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the body is larger than {limit} bytes")
        self.limit = limit


async def read_body(request: Request, *, limit: int) -> bytes:
    """Stops reading at the first byte too many, whatever Content-Length says. Raises BodyTooLarge."""
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:20]) > limit:
        raise BodyTooLarge(limit)
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge(limit)
        chunks.append(chunk)
    return b"".join(chunks)
