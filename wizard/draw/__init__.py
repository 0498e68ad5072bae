from . import club_draw_give
from . import club_draw_void
