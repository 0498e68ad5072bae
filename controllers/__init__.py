from . import activity, card, feedback, join, portal, profile, shop, signup
from . import surveys  # isort: skip
from . import contest  # isort: skip
