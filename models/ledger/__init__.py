from . import (
    club_club,
    club_health,
    club_job,
    club_ledger_check,
    club_ledger_incident,
    club_ledger_job,
    club_ledger_seal,
    club_member,
    club_point_adjustment,
    club_point_allocation,
    club_point_entry,
    club_point_lot,
)
