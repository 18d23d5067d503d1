"""A small LiveKit-compatible room server for tests: loopback only, one node, one process, a test dependency only.

It is written from the client's side: it says what the real SDKs need to hear. Where they tolerate more than one
answer it proves nothing about the real server, so every file says what the real one does that this one does not.

| file | concern | messages |
|---|---|---|
| `tokens` | access tokens | JWT with `video` grants |
| `workers` | worker protocol | `WorkerMessage`, `ServerMessage` on `/agent` |
| `dispatch` | which worker gets a job | `AvailabilityRequest`, `JobAssignment`, `JobTermination` |
| `signalling` | joining, resuming | `JoinRequest`, `JoinResponse`, `ReconnectResponse` on `/rtc/v1` |
| `participant` | one participant's requests | `SignalRequest`, `SignalResponse` |
| `peer` | its WebRTC connection and data channels | SDP, ICE candidates, `DataPacket` |
| `audio` | forwarding Opus | RTP payloads |
| `rooms` | who is in a room, and who hears what | `ParticipantUpdate`, `DataPacket` |
| `twirp` | the server API | `RoomService`, `AgentDispatchService`, `SIP` |
| `faults` | what goes wrong on command | |
| `seen` | what happened, in order | |
| `serving` | all of it behind one port | |
"""
