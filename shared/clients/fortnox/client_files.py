"""Files that explain vouchers: put into the inbox of vouchers, then connected."""

from hashlib import sha256

from shared.clients.fortnox import wire, wire_vouchers
from shared.clients.fortnox.calls import FortnoxCalls, WroteAlready, is_missing, path_part, read_json
from shared.clients.fortnox.wire_vouchers import FileConnection, FortnoxFile, FortnoxFolder, VoucherName
from shared.clients.http import multipart
from shared.domain.errors import RefusedByFortnox

INBOX_OF_VOUCHERS = "inbox_v"
CONNECTION = "VoucherFileConnection"


class FileCalls(FortnoxCalls):
    """The inbox, and which file explains which voucher."""

    async def upload_for_voucher(self, filename: str, content: bytes) -> FortnoxFile:
        """Into the inbox of vouchers. The audit trail gets the file's name and digest instead of it."""
        body, content_type = multipart("file", filename, content)
        answer = await self._call(
            "POST",
            "/3/inbox",
            params={"path": "Inbox_v"},
            body=body,
            headers={"Content-Type": content_type},
            recorded=f"{filename}, {len(content)} bytes, sha256 {sha256(content).hexdigest()}".encode(),
        )
        with WroteAlready("/3/inbox"):
            return wire.single(read_json(answer), "File", wire_vouchers.to_file)

    async def inbox_of_vouchers(self) -> FortnoxFolder:
        """Files that no voucher is connected with yet; empty when the inbox has no such folder."""
        root = await self._one("/3/inbox", "Folder", wire_vouchers.to_folder)
        for folder_id, _ in root.folders:
            if folder_id.lower() == INBOX_OF_VOUCHERS:
                path = f"/3/inbox/{path_part(folder_id)}"
                return await self._one(path, "Folder", wire_vouchers.to_folder)
        return FortnoxFolder((), ())

    async def file(self, file_id: str) -> bytes | None:
        """From the inbox, or from the archive that connected files may have moved to."""
        for where in ("inbox", "archive"):
            try:
                return (await self._call("GET", f"/3/{where}/{path_part(file_id)}")).body
            except RefusedByFortnox as refusal:
                if not is_missing(refusal):
                    raise
        return None

    async def connections_of(self, voucher: VoucherName) -> list[FileConnection]:
        """No parameter is documented that narrows the list, so all of it is read."""
        found = await self._list(
            "/3/voucherfileconnections", {}, f"{CONNECTION}s", wire_vouchers.to_file_connection
        )
        return [connection for connection in found if connection.explains(voucher)]

    async def connect_file(self, file_id: str, voucher: VoucherName) -> FileConnection:
        payload = {
            "FileId": file_id,
            "VoucherNumber": str(voucher.number),
            "VoucherSeries": voucher.series,
            "VoucherYear": voucher.year,
        }
        return await self._write(
            "POST", "/3/voucherfileconnections", CONNECTION, payload, wire_vouchers.to_file_connection
        )
