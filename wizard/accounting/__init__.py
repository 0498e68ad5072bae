from . import club_book_report, club_book_report_figures, club_book_report_forecast
