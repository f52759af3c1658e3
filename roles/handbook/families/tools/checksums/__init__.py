"""Checksums of files: create and verify."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.reading import Reading

_ALGORITHMS = {
    "sha256": "sha-?256",
    "sha1": "sha-?1",
    "sha512": "sha-?512",
    "md5": "md5\\w*",
    "blake2b": "blake2?b?",
}


def choices(reading: Reading) -> dict[str, Any]:
    named = [name for name, words in _ALGORITHMS.items() if reading.says(words)]
    return {
        "name": "file_integrity"
        if reading.says("integrity", "tamper\\w*", "monitor\\w*", "chang\\w+")
        else "checksum_tool",
        "algorithms": named or ["sha256", "sha1", "sha512", "md5"],
        "default": named[0] if named else "sha256",
        "new": reading.says("new", "added", "integrity", "chang\\w+", "tamper\\w*", "monitor\\w*"),
        "understood": "checksum checksums hash hashes hashing hasher file files sha sha256 sha1 "
        "sha512 md5 blake2 blake2b sum sums verify verifier verification create creator generator "
        "integrity checker check monitor tamper changes changed changing folder directory new added "  # noqa: E501
        "missing detect",
        "json": False,
    }


kind = Kind(
    __file__,
    asks=(
        r"\bcheck ?sums?\b",
        r"\b(file|files|folder|directory) (hash|integrity)",
        r"\b(md5|sha-?1|sha-?256|sha-?512|blake2b?)(sum)?\b( \w+){0,2} (generat|calculat|verif|check|creat|tool|hash|sum)",  # noqa: E501
        r"\b(hash|verif)\w*\b( \w+){0,3} (files?|folders?|downloads?)( \w+)? ?(integrity|with|by|against|of)?",  # noqa: E501
        r"\b(comput|calculat|creat|generat)\w*\b.*\b(md5|sha-?1|sha-?256|sha-?512|file hash\w*)\b",
    ),
    names=r"prüfsummen?|somme de contrôle|sumas? de (?:verificación|comprobación)|校验和|文件校验",
    choices=choices,
)
