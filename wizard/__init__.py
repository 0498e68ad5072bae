from . import earning, imports, membership, voice
from . import integration  # isort: skip
