"""Answers questions about mortgages from the knowledge base: found, not found, or not able to look it up."""

from __future__ import annotations

import re
from typing import Any

import structlog
from livekit.agents import APIConnectOptions, llm

from mortgage_fsm.knowledge.port import KnowledgeBase, Passage, Status
from mortgage_fsm.spoken import masked
from mortgage_fsm.voice import gate
from mortgage_fsm.voice.metrics import Component
from mortgage_fsm.voice.patience import Patience
from mortgage_fsm.voice.phrases import Phrases
from mortgage_fsm.voice.prompts import prompts
from mortgage_fsm.voice.watch import Watch

log = structlog.get_logger("mortgage_fsm.advisor")

PASSAGES = 4
"""Passages a model may answer from."""

NO_ANSWER = "NO ANSWER"
"""What the model writes when the passages hold no answer."""

_ONE_ATTEMPT = APIConnectOptions(max_retry=1, retry_interval=0.2, timeout=5.0)


class Advisor:
    """Turns a question into what is spoken.

    Args:
        model: writes the answer from the passages; None: the best passage is spoken as it stands.
        patience: how long the model may take; then the best passage is spoken.
        language: the one that is spoken.
    """

    def __init__(
        self,
        knowledge: KnowledgeBase,
        phrases: Phrases,
        model: llm.LLM[Any] | None,
        patience: Patience,
        watch: Watch | None = None,
        *,
        language: str = "en",
    ) -> None:
        self._watch = watch or Watch()
        self._knowledge = knowledge
        self._phrases = phrases
        self._model = model
        self._patience = patience
        self._language = language
        self._told = prompts(language)
        self.topics: tuple[str, ...] = ()
        """Ids of the topics answered in this call."""
        self.asked_model = 0

    async def answer(self, question: str) -> str:
        """What the caller hears. Never raises. The question is masked before anybody is asked."""
        question = masked(question, language=self._language)
        found = await self._knowledge.search(question, top=PASSAGES)
        log.info("knowledge_searched", status=str(found.status), backend=found.backend)
        self._watch.looked_up(found.backend, found.status)
        if found.status is not Status.FOUND or not found.passages:
            return self._phrases.say("knowledge", found.status)
        best = found.passages[0]
        answer = await self._written(question, found.passages) if self._model else None
        if answer == NO_ANSWER:
            return self._phrases.say("knowledge", Status.NOT_FOUND)
        self.topics = (*(topic for topic in self.topics if topic != best.id), best.id)
        if answer is not None and gate.passes(answer, [passage.text for passage in found.passages]):
            return answer
        return best.text

    async def _written(self, question: str, passages: tuple[Passage, ...]) -> str | None:
        if self._model is None:
            return None
        context = llm.ChatContext.empty()
        context.add_message(role="system", content=self._told.answering())
        data = "\n".join(self._told.passage(passage.id, passage.text) for passage in passages)
        context.add_message(role="user", content=f"{data}\n\n{question}")
        self.asked_model += 1
        try:
            async with (
                self._patience.asking(),
                self._model.chat(chat_ctx=context, conn_options=_ONE_ATTEMPT) as stream,
            ):
                parts = [chunk.delta.content async for chunk in stream if chunk.delta and chunk.delta.content]
        except Exception as error:  # noqa: BLE001 - a model that fails must not cost the caller the answer
            log.warning("model_failed", component="advisor", error=type(error).__name__)
            self._watch.failed(Component.ADVISOR)
            return None
        text = re.sub(r"\s+", " ", "".join(parts)).strip()
        if NO_ANSWER in text.upper():
            return NO_ANSWER
        return f"{text.rstrip(',;: ')}." if text and text[-1] not in ".!?" else text or None
