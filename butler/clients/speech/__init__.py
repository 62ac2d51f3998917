"""Speech to text: any recording in, words out.

`choose_transcriber` is the way in. What it returns decodes a recording once (`decoding`), turns
away what is broken, too long or silent, and only then asks an engine. Each engine is a module of
its own and imports its library when it is first used, so that choosing one costs nothing at start.
"""

from butler.clients.speech.choosing import ENGINES, choose_transcriber
from butler.clients.speech.decoding import Recording, decode
from butler.clients.speech.transcriber import DecodingTranscriber, Engine, OffTranscriber

__all__ = [
    "ENGINES",
    "DecodingTranscriber",
    "Engine",
    "OffTranscriber",
    "Recording",
    "choose_transcriber",
    "decode",
]
