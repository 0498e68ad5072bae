from . import club_import, club_import_column
from . import club_history_import, club_member_import
