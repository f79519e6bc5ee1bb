"""What the intake is compared with: the same server and the same check of the signature, and nothing else.

Run by ``intake.py``:  python -m tests.bench_parts.verify_only PORT TOKEN SECRET
"""

import asyncio
import sys
from datetime import UTC, datetime

import uvicorn
from fastapi import FastAPI, Request

from services.webhook_gateway.__main__ import KEEP_ALIVE_SECONDS, event_loop
from services.webhook_gateway.verification.svea import (
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    SignatureHeaders,
    SveaCallbackKeys,
    must_be_signed_by_svea,
    token_matches,
)

app = FastAPI()


@app.post("/webhooks/svea/{connection}/{market}/{token}")
async def verify(request: Request, connection: str, market: str, token: str) -> dict[str, bool]:
    keys = SveaCallbackKeys(connection, market, token=sys.argv[2], secrets=(sys.argv[3],))
    headers = SignatureHeaders(
        request.headers.getlist(SIGNATURE_HEADER), request.headers.getlist(TIMESTAMP_HEADER)
    )
    known = token_matches(keys, token)
    signed = must_be_signed_by_svea(await request.body(), headers, keys, now=datetime.now(UTC))
    return {"accepted": known and signed, "duplicate": False}


async def serve(port: int) -> None:
    configuration = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        proxy_headers=False,
    )
    await uvicorn.Server(configuration).serve()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=event_loop) as runner:
        runner.run(serve(int(sys.argv[1])))
