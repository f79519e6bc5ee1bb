import httpx
import pytest

from services.sandbox.fortnox import refusals
from services.sandbox.fortnox.company import Company, SandboxFortnox
from tests.services.sandbox.fortnox.api import CLIENT_ID, TENANT, Api
from tests.services.sandbox.fortnox.test_vouchers import a_voucher

REPORT = b'{"reports": [1966.05]}\r\n'


async def put_in(api: Api, to: str = "/3/inbox", **query: str) -> httpx.Response:
    headers = {name: value for name, value in api.headers.items() if name != "Content-Type"}
    return await api.http.post(to, files={"file": ("P1.json", REPORT)}, params=query, headers=headers)


async def an_id(api: Api, **query: str) -> str:
    return str((await put_in(api, **(query or {"path": "Inbox_v"}))).json()["File"]["Id"])


def connecting(file_id: str, number: str = "1", **fields: object) -> dict[str, object]:
    connection = {"FileId": file_id, "VoucherNumber": number, "VoucherSeries": "S", "VoucherYear": 2}
    return {"VoucherFileConnection": connection | fields}


async def test_a_file_lies_in_its_folder_with_two_ids(api: Api, company: Company) -> None:
    answer = await put_in(api, path="Inbox_v")

    file = answer.json()["File"]
    assert answer.status_code == 201
    assert (file["Name"], file["Path"], file["Size"]) == ("P1.json", "Inbox_v", len(REPORT))
    assert file["Id"] != file["ArchiveFileId"]
    root = await api.ok("GET", "/3/inbox")
    assert (root["Files"], "inbox_v" in {folder["Id"] for folder in root["Folders"]}) == ([], True)
    assert [one["Id"] for one in (await api.ok("GET", "/3/inbox/inbox_v"))["Files"]] == [file["Id"]]
    assert (await api.call("GET", f"/3/inbox/{file['Id']}")).content == REPORT
    assert company.writes()[-1].body == {"file": "P1.json", "size": len(REPORT)}


async def test_a_file_in_the_archive_has_no_folder(api: Api) -> None:
    file = (await put_in(api, "/3/archive")).json()["File"]

    assert [one["Id"] for one in (await api.ok("GET", "/3/archive"))["Files"]] == [file["Id"]]
    assert (await api.call("GET", f"/3/archive/{file['ArchiveFileId']}")).content == REPORT
    assert await api.refused("GET", f"/3/inbox/{file['Id']}") == (404, refusals.NO_SUCH_FILE)


async def test_a_file_comes_in_a_form(api: Api) -> None:
    assert await api.refused("POST", "/3/inbox", {"File": {}}) == (400, 1000031)

    headers = {name: value for name, value in api.headers.items() if name != "Content-Type"}
    answer = await api.http.post("/3/inbox", files={"document": ("a", b"b")}, headers=headers)
    assert answer.json()["ErrorInformation"]["code"] == 2001392
    assert (await put_in(api, path="Inbox_x")).json()["ErrorInformation"]["code"] == refusals.NO_SUCH_FILE
    assert (await put_in(api, "/3/orders")).status_code == 400


async def test_a_file_explains_a_voucher_and_leaves_the_inbox(api: Api) -> None:
    await api.ok("POST", "/3/vouchers", a_voucher(), financialyear="2")
    file_id = await an_id(api)

    connection = await api.ok("POST", "/3/voucherfileconnections", connecting(file_id))

    assert (connection["FileId"], connection["VoucherDescription"]) == (file_id, "Svea utbetalning")
    listed = await api.ok("GET", "/3/voucherfileconnections")
    assert listed["VoucherFileConnections"] == [connection]
    assert await api.ok("GET", f"/3/voucherfileconnections/{file_id}") == connection
    assert (await api.ok("GET", "/3/inbox/inbox_v"))["Files"] == []
    assert (await api.call("GET", f"/3/archive/{file_id}")).content == REPORT


@pytest.mark.parametrize(("place", "found"), [("archive", 1), ("inbox", 1), ("nowhere", 0)])
async def test_where_a_connected_file_is_can_be_chosen(
    api: Api, company: Company, place: str, found: int
) -> None:
    company.change(connected_files_are_in=place)
    await api.ok("POST", "/3/vouchers", a_voucher(), financialyear="2")
    file_id = await an_id(api)
    await api.ok("POST", "/3/voucherfileconnections", connecting(file_id))

    answers = [(await api.call("GET", f"/3/{where}/{file_id}")).status_code for where in ("archive", "inbox")]

    assert answers.count(200) == found


async def test_a_connection_that_fortnox_would_not_take_is_refused(api: Api, company: Company) -> None:
    await api.ok("POST", "/3/vouchers", a_voucher(), financialyear="2")
    file_id = await an_id(api)
    wrong = [
        (connecting("no-such-file"), refusals.NO_SUCH_FILE),
        (connecting(file_id, "2"), 2000490),
        (connecting(file_id, VoucherYear=1), 2000490),
        (connecting(file_id, VoucherDescription="mine"), 2001399),
        ({"VoucherFileConnection": {"FileId": file_id}}, refusals.MISSING_FIELD),
    ]

    for body, code in wrong:
        assert await api.refused("POST", "/3/voucherfileconnections", body) == (400, code)
    assert company.file_connections == {}


async def test_a_file_explains_one_voucher_and_stays_while_it_does(api: Api, company: Company) -> None:
    await api.ok("POST", "/3/vouchers", a_voucher(), financialyear="2")
    file_id = await an_id(api)
    await api.ok("POST", "/3/voucherfileconnections", connecting(file_id))

    again = await api.refused("POST", "/3/voucherfileconnections", connecting(file_id))
    kept = await api.refused("DELETE", f"/3/archive/{file_id}")
    await api.call("DELETE", f"/3/voucherfileconnections/{file_id}")
    gone = await api.call("DELETE", f"/3/inbox/{file_id}")

    assert (again, kept) == ((400, refusals.FILE_IS_CONNECTED), (400, refusals.IN_USE))
    assert (gone.status_code, company.files) == (204, {})


@pytest.mark.parametrize(
    ("scope", "path"),
    [("inbox", "inbox"), ("archive", "archive"), ("connectfile", "voucherfileconnections")],
)
async def test_each_resource_of_files_needs_its_scope(
    api: Api, fortnox: SandboxFortnox, company: Company, scope: str, path: str
) -> None:
    others = tuple(each for each in company.scopes if each != scope)
    tokens = fortnox.oauth.client_credentials(CLIENT_ID, TENANT, others)
    api.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    assert await api.refused("GET", f"/3/{path}") == (403, 2000663)
