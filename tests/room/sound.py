"""A caller's microphone and ear: PCM frames out through WebRTC, the agent's audio back as PCM frames.

A microphone never stops: between words it sends silence, as a phone does. Its queue is short, or everything that is
said would come a second late.
"""

from __future__ import annotations

import asyncio

import numpy as np
import numpy.typing as npt
from livekit import rtc

from tests.room.server.seen import PATIENCE

RATE = 48_000
"""Samples a second, mono, of everything here."""
_FRAME = RATE // 100

LOUD = 500
"""Root mean square, of 16-bit samples, above which a frame is more than silence."""

Samples = npt.NDArray[np.int16]


class Microphone:
    """Publishes one audio track."""

    def __init__(self, room: rtc.Room) -> None:
        self._room = room
        self._source = rtc.AudioSource(RATE, 1, queue_size_ms=50)
        self._waiting: asyncio.Queue[Samples] = asyncio.Queue()
        self._sending: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Publish the track, and begin to send silence."""
        track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self._room.local_participant.publish_track(track, options)
        self._sending = asyncio.ensure_future(self._send())

    async def speak(self, samples: Samples) -> None:
        """Send these samples; returns when the last of them is on its way."""
        for start in range(0, len(samples), _FRAME):
            frame = samples[start : start + _FRAME]
            self._waiting.put_nowait(np.pad(frame, (0, _FRAME - len(frame))))
        await self._waiting.join()

    async def close(self) -> None:
        """Stop sending."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
        await self._source.aclose()

    async def _send(self) -> None:
        silence = np.zeros(_FRAME, np.int16)
        while True:
            frame = silence if self._waiting.empty() else self._waiting.get_nowait()
            await self._source.capture_frame(rtc.AudioFrame(frame.tobytes(), RATE, 1, _FRAME))
            if frame is not silence:
                self._waiting.task_done()


class Ear:
    """Collects what comes on the first audio track of somebody else."""

    def __init__(self, room: rtc.Room) -> None:
        self._frames: list[Samples] = []
        self._news = asyncio.Condition()
        self._listening: asyncio.Task[None] | None = None
        room.on("track_subscribed", self._subscribed)

    @property
    def samples(self) -> Samples:
        """Everything that was heard, silence included."""
        return np.concatenate(self._frames) if self._frames else np.zeros(0, np.int16)

    @property
    def loud(self) -> Samples:
        """The frames in which something was to be heard, one after the other."""
        return np.concatenate([each for each in self._frames if _loudness(each) > LOUD])

    async def hear_sound(self, *, frames: int = 1, within: float = PATIENCE) -> None:
        """Wait until in so many frames of 10 ms something was to be heard.

        Raises:
            TimeoutError: it stayed silent.
        """
        async with asyncio.timeout(within), self._news:
            await self._news.wait_for(lambda: sum(_loudness(each) > LOUD for each in self._frames) >= frames)

    async def close(self) -> None:
        """Stop listening."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    def _subscribed(
        self, track: rtc.Track, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        if track.kind == rtc.TrackKind.KIND_AUDIO and self._listening is None:
            self._listening = asyncio.ensure_future(self._listen(track))

    async def _listen(self, track: rtc.Track) -> None:
        stream = rtc.AudioStream(track, sample_rate=RATE, num_channels=1)
        try:
            async for event in stream:
                self._frames.append(np.frombuffer(event.frame.data, np.int16))
                async with self._news:
                    self._news.notify_all()
        finally:
            await stream.aclose()


def _loudness(samples: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(samples.astype(np.float64)))))


def tone(hertz: float, seconds: float, *, height: int = 9000) -> Samples:
    """A sine: what a synthesized voice is to a test that only asks whether it got through."""
    moments = np.arange(int(RATE * seconds)) / RATE
    return (np.sin(2 * np.pi * hertz * moments) * height).astype(np.int16)


def pitch(samples: Samples) -> float:
    """The strongest frequency, in hertz."""
    spectrum = np.abs(np.fft.rfft(samples.astype(np.float64)))
    return float(np.fft.rfftfreq(len(samples), 1 / RATE)[int(np.argmax(spectrum))])
