from . import earning, imports, membership, voice
