"""The pages that come instead of JSON, as recorded from 2.4.7-p3 behind nginx."""

from __future__ import annotations

import hashlib

from services.sandbox.magento.refusals import BrokenPage

CRASH_TEXT = "An error has happened during application run. See exception log for details.\n"

_HEAD = """<!doctype html>
<html xmlns="http://www.w3.org/1999/xhtml" >
<head>
    <title>{title}</title>
    <base href="{base}" />
    <meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
    <meta name="robots" content="*"/>
    <link rel="stylesheet" href="css/styles.css" type="text/css" />
    <link rel="icon" href="images/favicon.ico" type="image/x-icon" />
    <link rel="shortcut icon" href="images/favicon.ico" type="image/x-icon" />
</head>
<body>
    <main class="page-main">
        
"""  # noqa: W293 (the blanks are Magento's)
_FOOT = "    </main>\n</body>\n</html>\n"

_MAINTENANCE = """<h1>Service Temporarily Unavailable</h1>
<p>
    The server is temporarily unable to service your request due to maintenance downtime or capacity problems.
    Please try again later.
</p>
"""
_REPORT = """<h1>There has been an error processing your request</h1>
    <p><em>Exception printing is disabled by default for security reasons.</em></p>

    <p>Error log record number: {record}</p>
"""
_GATEWAY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n"
)


def maintenance(base_url: str) -> BrokenPage:
    """503 without Retry-After."""
    head = _HEAD.format(title="Error 503: Service Unavailable", base=_base(base_url))
    return BrokenPage(503, head + _MAINTENANCE + _FOOT)


def error_page(base_url: str) -> BrokenPage:
    """What an `Accept` that Magento cannot serve ends in."""
    head = _HEAD.format(title="There has been an error processing your request", base=_base(base_url))
    record = hashlib.sha256(base_url.encode()).hexdigest()
    return BrokenPage(500, head + _REPORT.format(record=record) + _FOOT)


def bad_gateway() -> BrokenPage:
    """PHP is not there, nginx is."""
    return BrokenPage(502, _GATEWAY)


def crash() -> BrokenPage:
    """PHP died of what the request made it do."""
    return BrokenPage(500, CRASH_TEXT, "text/plain;charset=UTF-8")


def _base(base_url: str) -> str:
    """Escaped as Magento escapes attributes."""
    url = base_url + "errors/default/"
    return "".join(one if one.isalnum() or one in ",._-" else f"&#x{ord(one):X};" for one in url)
