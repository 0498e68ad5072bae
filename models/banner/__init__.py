from . import club_banner, club_banner_showing, club_banner_results, club_banner_hit, club_club, club_member
