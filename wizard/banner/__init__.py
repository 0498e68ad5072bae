from . import club_banner_preview
