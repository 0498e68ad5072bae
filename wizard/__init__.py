from . import earning, imports, membership, voice
from . import integration  # isort: skip
from . import prize  # isort: skip
from . import draw  # isort: skip
from . import raffle  # isort: skip
from . import accounting  # isort: skip
from . import marketing  # isort: skip
from . import banner  # isort: skip
