from . import club_raffle_beacon, club_raffle
from . import club_raffle_prize, club_raffle_party, club_raffle_step
from . import club_raffle_purchase, club_raffle_ticket, club_raffle_entrant, club_raffle_exclusion, club_raffle_winner
from . import club_raffle_entering, club_raffle_freezing, club_raffle_drawing, club_raffle_claiming, club_raffle_words
from . import club_club, club_event, club_member, club_point_entry, ir_attachment, res_company
