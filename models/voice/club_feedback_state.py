"""The life of a piece of feedback: one way to change its state, and what acceptance earns."""

from odoo import fields, models
from odoo.exceptions import UserError

#: State → states it is reached from.
TRANSITIONS = {
    "review": ("new", "accepted", "declined", "done", "merged"),
    "accepted": ("new", "review"),
    "declined": ("new", "review", "accepted"),
    "done": ("new", "review", "accepted"),
    "merged": ("new", "review"),
    "withdrawn": ("new", "review"),
}
#: States that end an acceptance.
UNDOING = ("review", "declined")
DECISIONS = ("accepted", "declined", "done")


class ClubFeedback(models.Model):
    _inherit = "club.feedback"

    def _update_state(self, state, **vals):
        """Bring these pieces to a state, with everything that belongs to it. The only way to change a state.

        Accepting reports the fact that rules reward; declining or reopening what was accepted takes the points back;
        a later acceptance is a new fact. Authors are told of decisions, those of duplicates too.

        :param str state: one of ``TRANSITIONS``, which says where it may come from
        :param vals: further values written with it
        :raise UserError: a piece is in a state that does not lead there; nothing has changed then
        """
        self._with_duplicates()._lock()
        self._check_transition(state)
        if state in UNDOING:
            self._take_back()
        now = fields.Datetime.now()
        vals["state"] = state
        if state in DECISIONS:
            vals.update(decided_by_id=self.env.uid, decided_at=now, waiting_for="staff")
        if state == "accepted":
            vals["accepted_at"] = now
        elif state in UNDOING:
            vals["accepted_at"] = False
        if state == "review":
            vals.update(merged_into_id=False)
        self._set(vals)
        if state == "accepted":
            self._reward()
        self._after_state_change(state)

    def _check_transition(self, state):
        states = dict(self._fields["state"]._description_selection(self.env))
        for feedback in self.sudo():
            if feedback.state not in TRANSITIONS[state]:
                raise UserError(
                    self.env._(
                        "“%(subject)s” is %(now)s, so it cannot become %(then)s. Reload the page; if the decision is "
                        "to change, reopen it first.",
                        subject=feedback.subject,
                        now=states[feedback.state].lower(),
                        then=states[state].lower(),
                    )
                )

    def _after_state_change(self, state):
        """What follows a change: activities, the author is told, who said the same carries on. An override adds."""
        closed = self.filtered(lambda feedback: not feedback.sudo().is_open)
        closed.sudo()._close_activities()
        if state in (*DECISIONS, "merged"):
            self._tell_authors(state)
        if state == "withdrawn":
            self._hand_on_duplicates()
        if state == "review":
            for feedback in self.sudo().filtered(lambda feedback: not feedback.activity_ids):
                feedback._ask(feedback.user_id, self.env._("Judge and answer"), feedback.deadline)

    # -- rewards -------------------------------------------------------------------------------------

    def _with_duplicates(self):
        return self | self.sudo().duplicate_ids.with_env(self.env)

    def _reward(self):
        """Report the acceptance of these pieces: a fact for each author whom the club rewards."""
        mains = self.sudo()
        rewarded = [(piece, main) for main in mains for piece in main._get_rewarded()]
        for piece, _main in rewarded:
            piece._set({"generation": piece.generation + 1})
        events = self.env["club.event"]._report([piece._prepare_event_values(main) for piece, main in rewarded])
        for (piece, _main), event in zip(rewarded, events, strict=True):
            piece._set({"reward_event_id": event.id})

    def _get_rewarded(self):
        """Which piece of those that say the same earns: each member's earliest, or the earliest of all.

        Who has left the club, or is no member any more, earns nothing.
        """
        self.ensure_one()
        pieces = self._with_duplicates().filtered(lambda piece: piece.member_id.state == "active")
        firsts = {}
        for piece in pieces.sorted(lambda piece: (piece.create_date, piece.id)):
            firsts.setdefault(piece.member_id, piece)
        found = list(firsts.values())
        return self.browse().union(*(found[:1] if self.club_id.feedback_merge_reward == "first" else found))

    def _prepare_event_values(self, main):
        """The fact that this piece was accepted, judged as ``main`` is: codes and numbers only, no words of people.

        A later acceptance counts as of the first one: reopening and accepting again renews neither expiry nor limits.
        """
        self.ensure_one()
        key = f"{self._name},{self.id}:accepted"
        first = self.env["club.event"]._get_first_time(f"{key}:1") if self.generation > 1 else False
        return {
            "member_id": self.member_id.id,
            "type": "feedback",
            "key": f"{key}:{self.generation}",
            "occurred_at": first or fields.Datetime.now(),
            "origin": self,
            "payload": {
                "kind": main.kind,
                "category": main.category_id.id or 0,
                "usefulness": int(main.usefulness or 0),
            },
        }

    def _take_back(self):
        """Take back what the acceptance of these pieces, and of those that say the same, earned."""
        rewarded = self._with_duplicates().sudo().filtered("reward_event_id")
        rewarded.reward_event_id._revoke(self.env._("The feedback is no longer accepted"))
        rewarded._set({"reward_event_id": False})

    # -- merging -------------------------------------------------------------------------------------

    def _merge_into(self, main):
        """These pieces say the same as ``main``: it is judged for all of them, and each author is told.

        Threads stay apart, so nobody reads what others wrote. Pieces that were merged into these follow.

        :raise UserError: of another club, decided already, or ``main`` itself is merged or withdrawn
        """
        others = self - main
        (others | main)._with_duplicates()._lock()
        if any(feedback.club_id != main.club_id for feedback in others.sudo()):
            raise UserError(
                self.env._("Feedback of different clubs cannot be merged. Choose pieces of %(club)s.",
                           club=main.sudo().club_id.name)
            )  # fmt: skip
        if main.sudo().state in ("merged", "withdrawn"):
            raise UserError(
                self.env._(
                    "“%(subject)s” is merged or withdrawn itself. Choose one that stands to merge into.",
                    subject=main.sudo().subject,
                )
            )
        followers = others.sudo().duplicate_ids
        others._update_state("merged", merged_into_id=main.id)
        followers._set({"merged_into_id": main.id})

    def _hand_on_duplicates(self):
        """Who said the same does not lose their say: the earliest of them takes the place of what was withdrawn."""
        for feedback in self.sudo().filtered("duplicate_ids"):
            pieces = feedback.duplicate_ids.sorted(lambda piece: (piece.create_date, piece.id))
            heir, rest = pieces[0], pieces[1:]
            heir._set({"state": "review", "merged_into_id": False})
            rest._set({"merged_into_id": heir.id})
            heir._ask(heir.user_id, self.env._("Judge and answer"), heir.deadline)

    # -- actions -------------------------------------------------------------------------------------

    def action_review(self):
        """Begin to look at it."""
        self._check_judge()
        self._update_state("review")

    def action_reopen(self):
        """Judge it anew. What an acceptance earned is taken back."""
        self._check_judge()
        self._update_state("review")

    def action_accept(self):
        """Accept: the member is thanked, and earns what the club's rules give for it."""
        self._check_judge()
        self._update_state("accepted")

    def action_withdraw(self):
        """The member takes it back, and told a member of staff so."""
        self._check_judge()
        self._update_state("withdrawn")

    def action_decline(self):
        """Ask what to tell the member, then decline."""
        return self._open_answer("declined")

    def action_done(self):
        """Ask what to tell the member, then close it as answered or carried out."""
        return self._open_answer("done")

    def _open_answer(self, decision):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Answer"),
            "res_model": "club.feedback.answer",
            "view_mode": "form",
            "target": "new",
            "context": {"default_feedback_ids": self.ids, "default_decision": decision},
        }

    def action_merge(self):
        """Choose which of several pieces that say the same stands for all."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Merge Feedback That Says the Same"),
            "res_model": "club.feedback.merge",
            "view_mode": "form",
            "target": "new",
            "context": {"default_feedback_ids": self.ids},
        }

    def action_open_duplicates(self):
        """Open what was merged into this piece."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Says the Same"),
            "res_model": self._name,
            "view_mode": "list,form",
            "domain": [("merged_into_id", "=", self.id)],
        }

    def action_open_reward(self):
        """Open the entries of points that the acceptance brought."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Points for “%(subject)s”", subject=self.subject),
            "res_model": "club.point.entry",
            "view_mode": "list,form",
            "domain": [("origin_model", "=", self._name), ("origin_id", "=", self.id)],
        }
