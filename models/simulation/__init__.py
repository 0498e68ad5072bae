from . import (
    club_kept,  # before those that inherit it
    club_simulation_line,  # likewise
    club_budget,
    club_club,
    club_club_budget,
    club_club_running,
    club_earn_rule,
    club_member,
    club_simulation,
    club_simulation_answer,
    club_simulation_customer,
    club_simulation_figures,
    club_simulation_file,
    club_simulation_forget,
    club_simulation_rule,
    club_simulation_setup,
    club_simulation_tier,
)
