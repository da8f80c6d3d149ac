"""Passwords: argon2id on a bounded number of threads, and which ones are too weak."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import argon2

from alliance.errors import Refused

SHORTEST = 10
COMMON = (
    "password", "passw0rd", "qwerty", "asdfgh", "zxcvbn", "1q2w3e", "abc123", "iloveyou", "admin", "letmein",
    "welcome", "woaini", "alliance", "lian", "123456", "654321", "111111", "000000", "888888", "666666",
    "5201314",
)  # fmt: skip
WAITING_PER_THREAD = 40

Result = TypeVar("Result")


def weakness(password: str, *about: str) -> str | None:
    """Why a password is refused, in a sentence; None for a good one. `about` are the login and the name."""
    # A Chinese character is drawn from far more than a Latin one.
    if sum(1 if character.isascii() else 2 for character in password) < SHORTEST:
        return f"the password needs at least {SHORTEST} characters"
    if len(set(password)) < 5:
        return "the password repeats too few characters"
    rest = password.lower()
    for text in sorted([*COMMON, *(part.lower() for part in about if len(part) >= 3)], key=len, reverse=True):
        rest = rest.replace(text, "")
    if len(rest) < 4 or (rest.isdigit() and len(rest) < SHORTEST):
        return "the password is a common one or is made of the login or the name"
    if password.isdigit() and len(password) < 16:
        return "a password of digits only needs at least 16 of them"
    return None


class Passwords:
    """Hashes and checks at most `threads` passwords at a time: each takes 0.2 s of CPU and 64 MB."""

    def __init__(self, threads: int, hasher: argon2.PasswordHasher | None = None) -> None:
        self._hasher = hasher or argon2.PasswordHasher()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="password")
        self._longest = threads * WAITING_PER_THREAD
        self._waiting = 0
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        return await self._run(self._hasher.hash, password)

    async def matches(self, stored: str | None, password: str) -> bool:
        """Takes the same time for an account that isn't there (`stored` None)."""
        if stored is None:
            self._nobody = self._nobody or await self.hash("nobody has this password")
        return await self._run(self._check, stored or self._nobody, password) and stored is not None

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _check(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False

    async def _run(self, function: Callable[..., Result], *arguments: object) -> Result:
        if self._waiting >= self._longest:
            raise Refused("unavailable", "too many are signing in at this moment; try again", retry_after=5)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)
        finally:
            self._waiting -= 1
