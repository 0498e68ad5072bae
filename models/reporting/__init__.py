from . import club_report_block
from . import blocks
from . import club_report
from . import club_report_line
from . import club_report_show
from . import club_report_page
from . import club_report_files
