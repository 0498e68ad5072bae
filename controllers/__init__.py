from . import card, feedback, join, portal, profile, shop, signup
