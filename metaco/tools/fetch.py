"""Pages of hosts that a person allowed, as text.

Each address is checked before it is asked, redirects too: its host has to be allowed, and so has
what the name server says. The connection then goes to the very address that was checked, so a name
that means something else a moment later changes nothing. Proxies of the environment are not used.
"""

from __future__ import annotations

import asyncio
import http.client
import ipaddress
import re
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from metaco.core.errors import ConfigurationError, ToolError
from metaco.tools.child import in_child
from metaco.tools.subjects import as_address
from metaco.tools.tool import Tool, tool

__all__ = ["Fetch"]

_REDIRECTS = 5
_PORTS = {"http": 80, "https": 443}
_LINKS = 50
_HOST = re.compile(r"(?:\*\.)?[\w.-]+(?::\d+)?|\[[0-9a-f:.]+\](?::\d+)?|[0-9a-f:.]+|\*", re.I)
# Not every codec of Python: some of them are no character sets, or slow.
_CHARSET = re.compile(
    r"(?i)utf-?(8|16)|iso-8859-\d+|windows-\d+|(us-)?ascii|gbk|gb2312|gb18030|big5"
    r"|shift_jis|euc-\w\w|koi8-\w"
)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    reason: str
    kind: str
    location: str
    body: bytes


class Fetch:
    """Gets pages of allowed hosts by http and https.

    Args:
        hosts: ``example.org``, ``*.example.org`` for those below it, ``*`` for all public ones; on
            the usual port, or as ``example.org:8080``. Addresses that are not public (of this
            machine, of private networks) are refused even if a name leads to them, unless the
            address itself is listed, as ``127.0.0.1:8000``. Without any, all is refused.
        seconds: for a page with its redirects.
        largest: bytes of a page; what is longer is cut.

    Raises:
        ConfigurationError: a host cannot be read.
    """

    def __init__(
        self, hosts: Sequence[str] = (), *, seconds: float = 20.0, largest: int = 2_000_000
    ) -> None:
        for host in hosts:
            if not _HOST.fullmatch(host):
                raise ConfigurationError(
                    f"{host!r} is no host.", "Write example.org, *.example.org or 127.0.0.1:8000."
                )
        self._hosts = [host.lower() for host in hosts]
        self._seconds = seconds
        self._largest = largest

    @property
    def tools(self) -> list[Tool]:
        """The tool fetch."""
        return [Tool.of(self.fetch)]

    @tool(subject=as_address)
    async def fetch(self, url: str) -> str:
        """Get a page from the web as text, with its title and links."""
        try:
            async with asyncio.timeout(self._seconds):
                for _ in range(_REDIRECTS + 1):
                    plain, answer = await self._get(url)
                    if answer.status not in (301, 302, 303, 307, 308) or not answer.location:
                        return await self._text(plain, answer)
                    url = _joined(plain, answer.location)
        except TimeoutError:
            raise ToolError(f"{url[:200]} took longer than {self._seconds:g} seconds.") from None
        raise ToolError(f"{url[:200]} was reached by more than {_REDIRECTS} redirects.")

    async def _get(self, url: str) -> tuple[str, _Answer]:
        """Ask for one address, once it is certain that it may be asked."""
        subject = as_address(url)
        (plain,) = subject.parts
        if not subject.plain:
            raise ToolError(f"{url[:200]!r} is no address.", "Use http:// or https:// and a host.")
        parts = urlsplit(plain)
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        self._check_host(host, port)
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )
        except OSError as error:
            raise ToolError(f"There is no host {host}: {error.strerror}.") from None
        for *_, place in found:
            if not _is_public(str(place[0])) and not self._lists(str(place[0]), port):
                raise ToolError(
                    f"{host} leads to {place[0]}, which is not public.",
                    "A person can allow that address itself.",
                )
        connection = _Connection(parts.scheme, host, port, found, self._seconds)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            return plain, await asyncio.to_thread(connection.get, target, self._largest + 1)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ToolError(f"{plain[:200]} did not answer: {error or type(error)}.") from None
        finally:
            connection.stop()  # also wakes a thread that still waits

    def _check_host(self, host: str, port: int) -> None:
        if not self._hosts:
            raise ToolError(
                "Nothing may be fetched, as no host is allowed; a person can allow some by name."
            )
        if self._lists(host, port):
            return
        for pattern in self._hosts:
            name, _, number = pattern.partition(":")
            below = name == "*" or (name.startswith("*.") and host.endswith(name[1:]))
            if below and (port in _PORTS.values() if not number else port == int(number)):
                return
        raise ToolError(
            f"The host {host}, port {port}, is not allowed.", f"Allowed: {', '.join(self._hosts)}."
        )

    def _lists(self, host: str, port: int) -> bool:
        """Return whether this very host or address is listed."""
        shown = f"[{host}]" if ":" in host else host
        usual = port in _PORTS.values()
        return f"{shown}:{port}" in self._hosts or (
            usual and bool({host, shown} & set(self._hosts))
        )

    async def _text(self, url: str, answer: _Answer) -> str:
        kind, _, rest = answer.kind.partition(";")
        kind = kind.strip().lower() or "text/plain"
        if not re.match(r"text/|application/([\w.-]+\+)?(json|xml|xhtml\+xml|javascript)$", kind):
            raise ToolError(f"{url[:200]} is {kind}, not text.")
        named = re.search(r"charset=[\"']?([\w-]+)", f"{rest} {answer.body[:1024]!r}")
        charset = named[1] if named and _CHARSET.fullmatch(named[1]) else "utf-8"
        text = answer.body[: self._largest].decode(charset, "replace")
        head = [url] if answer.status == 200 else [f"{url}: {answer.status} {answer.reason}"]
        tail = []
        if len(answer.body) > self._largest:
            tail = [f"[cut after {self._largest} bytes]"]
        if "html" in kind:
            read = await in_child("page", text, self._seconds, f"{url[:200]} cannot be read.")
            head += [f"Title: {read['title']}"] if read["title"] else []
            text = read["text"]
            links = dict.fromkeys(_joined(url, each) for each in read["links"][: 10 * _LINKS])
            shown = [each for each in links if each.startswith(("http://", "https://"))][:_LINKS]
            tail += ["Links:", *shown] if shown else []
        return "\n".join([*head, "", text, "", *tail]).strip()


class _Connection(http.client.HTTPConnection):
    """A connection to an address that was checked, whatever its name means by now."""

    def __init__(
        self, scheme: str, host: str, port: int, found: Sequence[Any], seconds: float
    ) -> None:
        super().__init__(host, port, timeout=seconds)
        self._secure = scheme == "https"
        self._found = found
        self._open: socket.socket | None = None  # `sock` is given away with the answer

    def connect(self) -> None:
        for n, (family, *_, place) in enumerate(self._found, 1):
            self.sock = self._open = socket.socket(family, socket.SOCK_STREAM)
            self.sock.settimeout(self.timeout)
            try:
                self.sock.connect(place)
                break
            except OSError:
                self.sock.close()
                if n == len(self._found):
                    raise
        if self._secure:
            self.sock = self._open = ssl.create_default_context().wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.sock.do_handshake()

    def get(self, target: str, most: int) -> _Answer:
        agent = {"User-Agent": "metaco", "Accept-Encoding": "identity", "Connection": "close"}
        self.request("GET", target, headers=agent)
        answer = self.getresponse()
        if answer.getheader("Content-Encoding", "identity") != "identity":
            raise ValueError("it is compressed, though that was not asked for")
        kind, location = answer.getheader("Content-Type", ""), answer.getheader("Location", "")
        return _Answer(answer.status, answer.reason, kind, location, answer.read(most))

    def stop(self) -> None:
        if self._open is not None:
            with suppress(OSError):
                self._open.shutdown(socket.SHUT_RDWR)
        self.close()


def _joined(url: str, target: str) -> str:
    try:
        return urljoin(url, target)
    except ValueError:
        return ""


_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # IPv4 behind NAT64


def _is_public(address: str) -> bool:
    """Return whether an address is one of the internet, also where it holds another one."""
    one = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(one, ipaddress.IPv6Address):
        if one.ipv4_mapped:
            one = one.ipv4_mapped
        elif one in _TRANSLATED:
            one = ipaddress.IPv4Address(int(one) & 0xFFFFFFFF)
        elif one.sixtofour or one.teredo:  # tunnels to anywhere
            return False
    return one.is_global and not one.is_multicast
