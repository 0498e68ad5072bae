from . import card, join, portal, profile, shop, signup
