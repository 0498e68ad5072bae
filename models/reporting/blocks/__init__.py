# Blocks of reports, one file each.
from . import growth
