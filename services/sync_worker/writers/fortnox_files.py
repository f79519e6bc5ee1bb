"""Files on vouchers in Fortnox: uploaded to the inbox, then connected. A number is a file id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from services.sync_worker.booking import Numbers, Written
from shared.clients.fortnox.client import FortnoxClient
from shared.clients.fortnox.wire_vouchers import VoucherName
from shared.domain.vouchers import AttachmentDraft


@dataclass
class AttachmentWriter:
    """An upload that was never connected lies in the inbox under our name: it is used, not repeated."""

    client: FortnoxClient
    may_exist: bool = True
    revisable: bool = False
    kept_open: bool = False
    done_when_made: bool = True
    uploaded: dict[str, str] = field(default_factory=dict)  # ours in the inbox: reference -> file id

    async def find(self, draft: AttachmentDraft, numbers: Numbers, *, in_doubt: bool = False) -> str | None:
        if in_doubt and (connected := await self._connected(draft, numbers)) is not None:
            return connected
        inbox = await self.client.inbox_of_vouchers()
        for file in inbox.files:
            if file.name == draft.filename and await self._has_content(file.id, draft):
                self.uploaded[draft.ref] = file.id
        return None

    async def _has_content(self, file_id: str, draft: AttachmentDraft) -> bool:
        content = await self.client.file(file_id)
        return content is not None and sha256(content).hexdigest() == draft.digest

    async def _connected(self, draft: AttachmentDraft, numbers: Numbers) -> str | None:
        """A file of our content; one that cannot be read is on our own voucher, so it is taken for ours."""
        for connection in await self.client.connections_of(_voucher(draft, numbers)):
            content = await self.client.file(connection.file_id)
            if content is None or sha256(content).hexdigest() == draft.digest:
                return connection.file_id
        return None

    async def create(self, draft: AttachmentDraft, numbers: Numbers) -> Written:
        file_id = self.uploaded.get(draft.ref)
        if file_id is None:
            file_id = (await self.client.upload_for_voucher(draft.filename, draft.content)).id
        connection = await self.client.connect_file(file_id, _voucher(draft, numbers))
        return Written(connection.file_id)

    async def update(
        self, draft: AttachmentDraft, number: str, numbers: Numbers, before: Mapping[str, Any]
    ) -> Written:
        raise NotImplementedError("a file on a voucher is never revised")

    async def cancel(self, number: str) -> None:
        raise NotImplementedError("a file on a voucher is never taken back")

    async def compare(self, draft: AttachmentDraft, written: Written, numbers: Numbers) -> Sequence[str]:
        return ()

    async def finalise(self, draft: AttachmentDraft, number: str) -> None:
        """It explains its voucher since it was connected."""


def _voucher(draft: AttachmentDraft, numbers: Numbers) -> VoucherName:
    return VoucherName.parse(numbers.number_of("voucher", draft.voucher))
