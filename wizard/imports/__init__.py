from . import club_import, club_import_column
from . import club_import_report, club_import_run
from . import club_history_import, club_member_import
