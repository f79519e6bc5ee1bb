"""A page for a person who was sent here by another system: it needs nothing, and is kept nowhere."""

import html

from fastapi.responses import HTMLResponse

from services.webhook_gateway.problems import RETRY_AFTER_SECONDS

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} - Sluss</title>
<style>
body {{ font: 1.1rem/1.5 system-ui, sans-serif; color: #1b2733; background: #f4f6f8; margin: 0 }}
main {{ max-width: 34rem; margin: 12vh auto; padding: 2rem; background: #fff; border-radius: .6rem }}
h1 {{ font-size: 1.4rem; margin-top: 0 }}
</style>
<main><h1>{title}</h1><p>{text}</p></main>
</html>
"""


def page(status: int, title: str, text: str) -> HTMLResponse:
    headers = HEADERS if status != 503 else {**HEADERS, "Retry-After": str(RETRY_AFTER_SECONDS)}
    body = PAGE.format(title=html.escape(title), text=html.escape(text))
    return HTMLResponse(body, status_code=status, headers=headers)
