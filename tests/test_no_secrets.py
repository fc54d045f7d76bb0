"""A key goes to its server and nowhere else: no file, log, error or traceback holds it, whatever the server repeats."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from stub_server import Reply, Seen, StubServer, error

KEY = "sk-sentinel-7d41f0aa93be"
PARTS = (KEY, KEY.upper(), KEY[3:], KEY[:16])
"""The key, and so much of it that it could be guessed."""


def repeating(seen: Seen) -> Reply:
    """Most requests are answered; the others get errors that quote the key in body and headers."""
    said = error(f"bad request by {seen.headers['Authorization']} ({KEY[:14]}***)")
    replies = {
        1: Reply(status=400, body=said, headers={"X-Key": KEY}),
        2: Reply(status=500, body=said) if seen.attempt == 1 else Reply(),
        3: Reply(status=429, body=said, headers={"Retry-After": "0"}) if seen.attempt == 1 else Reply(),
        4: Reply(body=f'{{"choices": [{{"{KEY}"'.encode()) if seen.attempt == 1 else Reply(),
    }
    return replies.get(len(seen.payload["messages"][-1]["content"]) % 9, Reply())


def refusing(seen: Seen) -> Reply:
    return Reply(status=401, body=error(f"Incorrect API key provided: {KEY}."))


async def command(folder: Path, *words: str) -> str:
    """All that a command prints; the interpreter's own debug mode makes it talk as much as it can."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-X", "dev", "-W", "ignore", "-m", "synthgen", *words),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    printed, _ = await child.communicate()
    return printed.decode()


def written(folder: Path) -> Iterator[tuple[str, str]]:
    """Everything in a run directory, the compressed journal unpacked."""
    from synthgen.storage.frames import scan

    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path), path.name
            yield str(path), path.read_bytes().decode("latin-1")
            if path.name.endswith(".zst"):
                with path.open("rb") as file:
                    yield from ((str(path), frame.content.decode()) for frame in scan(file))


def recipe(folder: Path, url: str) -> str:
    path = folder / "recipe.toml"
    path.write_text(
        f'[[teachers]]\nbackend = "openai"\nmodel = "stub"\nname = "a"\nbase_url = {json.dumps(url)}\n'
        'api_key_env = "STUB_KEY"\nattempts = 3\nprice_input = 1.0\nprice_output = 2.0\n'
    )
    return str(path)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("STUB_KEY", KEY)


def test_no_command_writes_or_prints_the_key(tmp_path: Path, examples: Path) -> None:
    source = str(examples / "gout.md")

    async def all_commands() -> tuple[dict[str, str], int]:
        async with StubServer(repeating) as stub:
            chosen = ("--recipe", recipe(tmp_path, stub.url), "--source", source)
            printed = {
                "plan": await command(tmp_path, "plan", *chosen),
                "doctor": await command(tmp_path, "doctor", "--recipe", chosen[1]),
                "run": await command(tmp_path, "run", *chosen, "--out", "run"),
                "status": await command(tmp_path, "status", "run"),
                "show": await command(tmp_path, "show", "run"),
                "failed": await command(tmp_path, "show", "run", "--outcome", "failed"),
                "export": await command(tmp_path, "requests", "export", *chosen, "--out", "files"),
            }
            stub.script = refusing
            printed["refused"] = await command(tmp_path, "run", *chosen, "--out", "refused")
            return printed, sum(KEY in seen.headers["Authorization"] for seen in stub.seen)

    printed, sent = asyncio.run(all_commands())
    assert sent > 50
    assert "records" in printed["run"]
    assert "STUB_KEY" in printed["refused"]
    found = [*printed.items(), *written(tmp_path)]
    assert len(found) > 30
    for where, text in found:
        assert not any(part in text for part in PARTS), where


def test_no_traceback_holds_the_key(tmp_path: Path, examples: Path) -> None:
    """A fault of our own code, in the middle of a request, with all that Python and rich can print of it."""
    script = """
import sys, synthgen
from rich.traceback import install
from synthgen.endpoint.server import Server

install(show_locals=True, locals_max_length=10**6, locals_max_string=10**6)

async def ask(self, body):
    raise ZeroDivisionError("a fault of our own")

Server.ask = ask
synthgen.run(sys.argv[1], sys.argv[2], out="run")
"""

    async def run() -> str:
        async with StubServer() as stub:
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", script, str(examples / "gout.md"), recipe(tmp_path, stub.url)),
                cwd=tmp_path,
                stderr=subprocess.PIPE,
            )
            return (await child.communicate())[1].decode()

    printed = asyncio.run(run())
    assert "a fault of our own" in printed
    assert "locals" in printed
    assert not any(part in printed for part in PARTS)
