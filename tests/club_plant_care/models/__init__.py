from . import club_earn_rule, club_event, plant_care_visit
