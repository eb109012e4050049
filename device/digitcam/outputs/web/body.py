"""What comes with a request, no more of it than is allowed and no longer than is decent."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

ARRIVES_S = 30.0
FORM_BYTES = 4096  # what a form may hold beside its one file
FORM = "multipart/form-data"


async def read_body(request: Request, most: int) -> bytes:
    """Give the body of a request.

    Raises:
        HTTPException: it is larger than `most` bytes, or takes longer than `ARRIVES_S`.
        ClientDisconnect: it ends early.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(ARRIVES_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than {most / 1e6:g} MB")
    except TimeoutError as error:
        raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, "it took too long to arrive") from error
    return bytes(body)


async def read_picture(request: Request, most: int) -> bytes:
    """Give the picture file that a request brings: its body, or the one file of a form.

    Raises:
        HTTPException: it is too large or too slow, or a form without one file.
        ClientDisconnect: it ends early.
    """
    body = await read_body(request, most)
    if not request.headers.get("content-type", "").lower().startswith(FORM):
        return body

    async def whole() -> AsyncIterator[bytes]:
        yield body

    try:
        parser = MultiPartParser(request.headers, whole(), max_files=1, max_fields=8, max_part_size=FORM_BYTES)  # type: ignore[arg-type]
        form = await parser.parse()
        try:
            for value in form.values():
                if isinstance(value, UploadFile):
                    return await value.read()
        finally:
            await form.close()
    except (MultiPartException, KeyError, UnicodeDecodeError) as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, f"not a form with one file: {error}") from error
    raise HTTPException(HTTPStatus.BAD_REQUEST, "the form holds no file")
