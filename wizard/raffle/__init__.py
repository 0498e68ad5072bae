from . import club_raffle_draw, club_raffle_enter, club_raffle_void
