from . import imports, membership
