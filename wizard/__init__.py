from . import earning, imports, membership
