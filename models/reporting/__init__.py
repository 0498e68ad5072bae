from . import club_report_block
from . import blocks
