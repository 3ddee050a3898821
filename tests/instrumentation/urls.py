"""Views that end in every way a request can end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from io import BytesIO

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path


def plain(request: HttpRequest, number: int = 0) -> HttpResponse:
    return HttpResponse(b"x" * 10, status=201)


def broken(request: HttpRequest) -> HttpResponse:
    raise LookupError


def stream(request: HttpRequest) -> StreamingHttpResponse:
    def parts() -> Iterator[bytes]:
        yield b"abc"
        yield b"de"

    return StreamingHttpResponse(parts())


def breaking_stream(request: HttpRequest) -> StreamingHttpResponse:
    def parts() -> Iterator[bytes]:
        yield b"abc"
        raise LookupError

    return StreamingHttpResponse(parts())


async def later(request: HttpRequest) -> HttpResponse:
    await asyncio.sleep(0)
    return HttpResponse(b"later")


async def hanging(request: HttpRequest) -> HttpResponse:
    await asyncio.sleep(60)
    return HttpResponse(b"never")


async def async_stream(request: HttpRequest) -> StreamingHttpResponse:
    async def parts() -> AsyncIterator[bytes]:
        yield b"abc"
        await asyncio.sleep(0)
        yield b"de"

    return StreamingHttpResponse(parts())


async def endless(request: HttpRequest) -> StreamingHttpResponse:
    async def parts() -> AsyncIterator[bytes]:
        yield b"abc"
        await asyncio.sleep(60)

    return StreamingHttpResponse(parts())


def a_file(request: HttpRequest) -> FileResponse:
    return FileResponse(BytesIO(b"x" * 12))


urlpatterns = [
    path("file", a_file),
    path("plain/<int:number>", plain),
    path("broken", broken),
    path("stream", stream),
    path("breaking-stream", breaking_stream),
    path("later", later),
    path("hanging", hanging),
    path("async-stream", async_stream),
    path("endless", endless),
]
