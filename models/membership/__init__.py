from . import club_club, club_member, club_tier
