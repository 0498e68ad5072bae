from . import club_book_report, club_book_report_figures, club_book_report_forecast
from . import club_book_audit, club_book_audit_files  # isort: skip
