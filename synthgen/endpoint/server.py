"""The way to one server: its paths, the requests to them over HTTP, and the proxy that the environment asks for."""

from __future__ import annotations

import io
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from synthgen.errors import RecipeError
from synthgen.version import __version__

if TYPE_CHECKING:
    import aiohttp
    import yarl

CONNECT_SECONDS = 30.0
LOOK_SECONDS = 10.0
"""How long a server may take to say how it is."""
KEEP_ALIVE_SECONDS = 4.0
"""Idle connections are given up before uvicorn, and so vLLM's server, closes them after 5 seconds: a request sent at
that moment would be lost, and would count as billed."""
LARGE_BODY = 1 << 20
"""Bytes. aiohttp writes a larger body in one go only under protest."""
PROBES = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 60_000}
"""Socket options, where the system has them, that find a host that has vanished within about a minute: nothing is said
on a connection while a long answer is written, so nothing else would."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server sent back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Server:
    """One server of an endpoint. `session` is shared by all of them, and closed by whoever opened it.

    `headers`, the key's among them, go to the paths below the base URL alone.
    """

    def __init__(
        self, session: aiohttp.ClientSession, base_url: str, headers: Mapping[str, str], proxy: str | None
    ) -> None:
        from yarl import URL

        base = base_url.rstrip("/")
        root = base.removesuffix("/v1")
        self.address = base
        self.in_flight = 0
        """How many chat completions it has not answered yet."""
        self._session = session
        self._proxy = proxy
        self._private = {"Content-Type": "application/json", **headers}
        self._chat, self._models = URL(f"{base}/chat/completions"), URL(f"{base}/models")
        self._health, self._metrics = URL(f"{root}/health"), URL(f"{root}/metrics")

    async def ask(self, body: bytes) -> Reply:
        """The reply to a chat completion's payload. Raises aiohttp.ClientError or OSError where none came whole."""
        data = io.BytesIO(body) if len(body) > LARGE_BODY else body
        self.in_flight += 1
        try:
            # A redirect would take key and prompt to a place that nobody named.
            async with self._session.post(
                self._chat, data=data, headers=self._private, proxy=self._proxy, allow_redirects=False
            ) as response:
                return Reply(response.status, response.headers, await response.read())
        finally:
            self.in_flight -= 1

    async def models(self) -> Reply | None:
        """What it says of its models; None where it does not answer."""
        return await self._look(self._models, self._private)

    async def metrics(self) -> Reply | None:
        """Its metrics, as vLLM has them; None where it does not answer."""
        return await self._look(self._metrics, {})

    async def is_well(self) -> bool:
        """Whether it would take requests: by its health, or, where it has no such page, by its list of models."""
        reply = await self._look(self._health, {})
        if reply is not None and 300 <= reply.status < 500:
            reply = await self.models()
        return reply is not None and reply.status < 500

    async def _look(self, url: yarl.URL, headers: Mapping[str, str]) -> Reply | None:
        import aiohttp

        timeout = aiohttp.ClientTimeout(total=LOOK_SECONDS)
        try:
            async with self._session.get(
                url, headers=headers, proxy=self._proxy, allow_redirects=False, timeout=timeout
            ) as response:
                return Reply(response.status, response.headers, await response.read())
        except (aiohttp.ClientError, OSError):
            return None


def open_session() -> aiohttp.ClientSession:
    """A session without a limit on connections, cookies, or any deadline but that of connecting. In an event loop."""
    import aiohttp

    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_SECONDS, socket_factory=_probed_socket)
    return aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": f"synthgen/{__version__}"},
    )


def proxy_for(url: str, where: str) -> str | None:
    """The address of the proxy that the environment asks for on the way to `url`; None for none.

    Raises RecipeError, which names `where`, for one that does not speak HTTP.
    """
    parts = urlsplit(url)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(parts.netloc):
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    if urlsplit(proxy).scheme not in ("http", "https"):
        what = "the proxy that the environment names does not speak HTTP"
        raise RecipeError(what, where=where, fix=f"set {parts.scheme}_proxy to one that does, or no_proxy to the host")
    return proxy


def _probed_socket(address: tuple[object, ...]) -> socket.socket:
    family, kind, protocol, *_ = address
    made = socket.socket(family, kind, protocol)  # type: ignore[arg-type]
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in PROBES.items():
        if hasattr(socket, name):
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return made
