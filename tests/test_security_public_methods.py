"""What can be called over RPC is a list with reasons, and calling it gives a stranger nothing (abuse.md 15)."""

from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

OURS = "odoo.addons.customer_club."

# A name without an underscore may be called by every signed-in user, a customer too. Each has its reason:
BUTTONS = {
    # the interface for other systems: refuses whoever is not the technical user of an active integration
    "club.api": {
        "check_voucher",
        "correct",
        "find_member",
        "get_balance",
        "get_result",
        "record_event",
        "record_events",
        "redeem_voucher",
        "reverse",
        "spend",
        "undo_voucher",
    },
    # opens records that the reader's own rights then show or refuse
    "account.move": {"action_view_club_close", "action_view_club_deferrals", "action_view_club_entries"},
    "club.banner": {"action_preview", "action_view_hits"},  # what the reader may read
    "club.book.report": {  # readers of the books, their own reports only
        "action_export",
        "action_export_audit",
        "action_export_entries",
        "action_print",
        "action_view_entries",
    },
    "club.budget": {"action_refresh", "action_view_entries"},  # managers and accountants
    "club.close": {
        "action_compute",  # accountants
        "action_post",
        "action_reverse",
        "action_view_late_deferrals",  # what the reader may read
        "action_view_late_entries",
        "action_view_liability",
        "action_view_move",
    },
    "club.club": {
        "action_ask_usual",  # managers
        "action_decline_letter",  # managers
        "action_enrol",
        "action_invite",
        "action_open_home",
        "action_open_members",
        "action_open_rewards",
        "action_propose_books",  # managers with the right to make accounts
        "action_propose_wallet_account",  # managers with the right to make accounts
        "action_review_tiers",  # managers
        "action_send_letter_to_me",  # managers
        "action_view_budget",  # managers and accountants
        "action_view_rules",
    },
    # managers; opening who is in it shows what the reader may read
    "club.campaign": {
        "action_open_targets",
        "action_read_result",
        "action_reset",
        "action_run_now",
        "action_schedule",
        "action_send_test",
        "action_stop",
    },
    # causes: who may make bills; donations and gifts: managers decide; opening shows what the reader may read
    "club.cause": {"action_make_bill", "action_view_donations"},
    "club.donation": {"action_cancel", "action_view_entries"},
    "club.gift": {"action_refuse", "action_release", "action_view_entries"},
    "club.pool": {"action_close", "action_view_entries"},  # managers close
    # contests: managers; opening participants and prizes shows what the reader may read; anybody who reads may verify
    "club.contest": {
        "action_cancel",
        "action_close",
        "action_give_prizes",
        "action_open",
        "action_open_awards",
        "action_open_participants",
        "action_reset",
        "action_verify",
    },
    "club.contest.award": {"action_hand_over", "action_lapse"},
    "club.draw": {"action_close", "action_open", "action_pause", "action_view_plays"},  # managers; plays as readable
    "club.draw.give": {"action_give"},  # managers
    # gives what was won to whom it is due; managers take back; entries as readable
    "club.draw.play": {"action_deliver", "action_view_entries", "action_void"},
    "club.draw.void": {"action_void"},  # managers
    "club.earn.cost": {"action_confirm"},  # managers
    "club.earn.rule": {
        "action_simulate",  # managers
        "action_switch_off",
        "action_switch_on",
        "action_try",
        "action_view_entries",
    },
    # the counter: each checks the group itself, finds club and member with the user's rights (test_counter_sale.py)
    "club.counter": {
        "answer_question",
        "check_in",
        "enrol_member",
        "find_member",
        "find_products",
        "name_member",
        "open_counter",
        "preview_sale",
        "sell",
        "show_member",
        "undo_last",
    },
    "club.counter.operation": {"action_open_order"},
    "club.event": {"action_view_origin"},
    "club.close.cohort": {"action_view_deferrals", "action_view_entries"},  # what the reader may read
    "club.estimate": {"action_approve", "action_propose", "action_refuse", "action_suggest_rate"},  # accountants
    "club.feedback": {
        # decisions check that the caller is the supervisor or a manager, and not the member
        "action_accept",
        "action_decline",
        "action_done",
        "action_make_lead",  # with the caller's own rights on leads
        "action_merge",
        "action_open_duplicates",
        "action_open_reward",
        "action_reopen",
        "action_review",
        "action_withdraw",
    },
    "club.feedback.category": {"action_open_feedback"},
    "club.ledger.check": {"action_open_broken"},
    "club.member": {
        "action_adjust_wallet",  # opens an adjustment, which a second person approves
        "action_open_entries",
        "action_open_erase",
        "action_open_events",
        "action_open_feedback",
        "action_open_gifts",
        "action_open_leave",
        "action_open_partner",
        "action_open_referrals",
        "action_open_redeem",  # opens the wizard; it checks the group, finds member and prize with the user's rights
        "action_view_redemptions",
        "action_open_wallet",
    },
    # prizes: staff hand over and cancel, managers approve, refuse and take back; each checks the group and the records
    "club.prize": {"action_open_import", "action_view_redemptions"},
    "club.prize.code": {"action_void"},  # managers
    "club.prize.code.import": {"action_import"},  # managers
    # raffles: each step is a manager's, at its time only; what it opens shows what the reader may read
    "club.raffle": {
        "action_close",
        "action_draw",
        "action_open",
        "action_open_entrants",
        "action_open_exclusions",
        "action_open_tickets",
        "action_verify",
    },
    "club.raffle.draw": {"action_confirm"},  # managers
    "club.raffle.enter": {"action_confirm"},  # staff: one free ticket, within the raffle's limits
    "club.raffle.purchase": {"action_view_entries"},
    "club.raffle.void": {"action_redraw", "action_void"},  # managers
    "club.raffle.winner": {"action_hand_over", "action_print_certificate"},  # staff
    "club.redeem.wizard": {"action_redeem"},  # staff
    "club.redemption": {
        "action_approve",
        "action_hand_over",
        "action_open_close",
        "action_print_slip",
        "action_view_entries",
        "action_view_order",
    },
    "club.redemption.close": {"action_close"},  # staff; managers where it was handed over or is refused
    "club.referral": {"action_accept", "action_reject"},  # managers
    "club.report": {"action_open"},  # what the reader may read
    # the reader's own page, of a report and clubs that they may read
    "club.report.page": {"action_compose", "action_drill", "action_export", "action_print"},
    "club.report.sending": {"action_retry"},  # who may change the report
    "club.occasion.reminder": {"action_view_notices"},
    "club.point.entry": {"action_open_origin"},
    "crm.lead": {"action_open_club_feedback"},
    "club.review": {"action_approve", "action_open_product", "action_refuse"},  # managers decide
    "club.question": {"action_view_answers"},
    "club.simulation": {"action_export", "action_print", "action_run"},  # managers
    "club.simulation.rule": {"action_change", "action_drop_copy"},
    "club.simulation.setup": {"action_apply", "action_open", "action_view_customers"},
    "club.spending": {"action_view_entries"},  # what the reader may read
    "club.tie.out": {"action_open_page", "action_refresh"},  # accountants and managers
    "club.tie.out.line": {"action_open_behind"},  # of the reader's own page, what it may read
    "club.tier": {"action_open_members"},
    "club.wallet.conversion": {"action_view_entries"},  # what the reader may read
    "club.voucher": {"action_cancel", "action_reverse", "action_view_entries"},  # managers decide
    "res.partner": {"action_enrol_in_club", "action_open_club_members"},
    "sale.order": {
        "action_view_club_entries",
        "action_club_pool",  # who may write the order
        "action_club_access_override",  # staff who may change the order; written down in its chatter
    },
    # steps of wizards; each checks the records that it works on
    "club.adopt.wizard": {"action_adopt"},
    "club.enrol.wizard": {"action_enrol"},
    "club.feedback.answer": {"action_decide"},
    "club.feedback.merge": {"action_merge"},
    "club.invite.wizard": {"action_invite"},
    "club.leave.wizard": {"action_confirm"},
    "club.rfm": {"make_segment", "open_cell", "read_grid"},  # with the reader's own rights; segments: managers
    "club.segment": {
        "action_count",  # managers
        "action_freeze",
        "action_open_members",  # what the reader may read
        "action_open_memberships",
        "action_thaw",
    },
    "club.segment.fill": {"action_fill"},  # managers
    "club.segment.offer": {"action_make"},
    # settling with merchants: accountants; opening, comparing and exporting show what the reader may read
    "club.settlement": {
        "action_bill",
        "action_cancel",
        "action_check",
        "action_collect",
        "action_confirm",
        "action_export",
        "action_view_lines",
        "action_view_moves",
    },
    "club.settlement.dispute": {"action_accept", "action_reject", "action_withdraw"},  # managers
    "club.settlement.line": {"action_view_entry"},
    "club.setup.wizard": {"action_back", "action_create", "action_next"},
    "club.import": {"action_check", "action_import", "action_reset", "action_view_members"},
    "club.history.import": {"action_check", "action_import", "action_reset", "action_view_members"},
    "club.member.import": {"action_check", "action_import", "action_reset", "action_view_members"},
    # interfaces and partners: for managers, who alone may write these records
    "club.integration": {"action_make_key", "action_revoke_keys", "action_view_calls"},
    "club.custom.fact.wizard": {"action_report"},
    "club.merchant": {
        "action_resume",
        "action_suspend",
        "action_view_offers",
        "action_view_purchases",
        "action_view_vouchers",
    },
    # managers; opening the merchant shows what the reader may read
    "club.merchant.application": {
        "action_accept",
        "action_refuse",
        "action_submit",
        "action_view_merchant",
        "action_withdraw",
    },
    "club.merchant.correct": {"action_correct"},
    "club.merchant.offer": {"action_close", "action_open", "action_view_vouchers"},
    "club.merchant.purchase": {
        "action_accept",
        "action_correct",
        "action_record",  # staff; a manager decides where limits are exceeded
        "action_refuse",
        "action_reverse",
    },
    # steps of documents
    "club.invitation": {"action_withdraw"},
    "club.point.adjustment": {"action_approve", "action_refuse", "action_submit"},
    # the health page; checking is for managers and accountants
    "club.health": {
        "action_check_now",
        "action_open_adjustments",
        "action_open_arrears",
        "action_open_expired_due",
        "action_open_incidents",
        "action_open_page",
        "action_open_pending_due",
        "action_open_seals",
        "action_verify_seals",
    },
    "club.ledger.seal": {"action_verify"},
}
COUNTED = (
    "club.api.request",
    "club.club",
    "club.consent",
    "club.contest",
    "club.contest.award",
    "club.counter.operation",
    "club.draw",
    "club.draw.play",
    "club.erasure",
    "club.event",
    "club.health",
    "club.invitation",
    "club.ledger.check",
    "club.ledger.incident",
    "club.ledger.seal",
    "club.member",
    "club.point.adjustment",
    "club.point.entry",
    "club.question.answer",
    "club.tier.history",
    "loyalty.card",
)


@tagged("post_install", "-at_install")
class TestPublicMethods(ClubCase):
    def _find_public_methods(self):
        """Names that this addon made callable, by model; overriding what Odoo made callable adds nothing."""
        found = {}
        for name, Model in self.env.registry.items():
            classes = Model.mro()
            ours = [cls for cls in classes if cls.__module__.startswith(OURS)]
            theirs = {attribute for cls in classes if cls not in ours for attribute in vars(cls)}
            names = {
                attribute
                for cls in ours
                for attribute, value in vars(cls).items()
                if callable(value)
                and not attribute.startswith("_")
                and not isinstance(value, type)
                and not getattr(value, "_api_private", False)
            }
            # the registry's own class for a model carries nothing of its own
            if names - theirs:
                found[name] = names - theirs
        return found

    def test_only_the_names_on_the_list_can_be_called(self):
        self.assertEqual(self._find_public_methods(), BUTTONS)

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule", "odoo.sql_db")
    def test_a_strangers_call_changes_nothing_and_tells_nothing(self):
        self.post(100, "e")
        self.post(-150, "owed", member=self.member_2, happened=True)
        self.env["club.point.adjustment"].create({"member_id": self.member.id, "points": 5, "reason": "x"})
        self.env["club.ledger.check"]._run_checks()
        self.env["club.invitation"]._invite(self.club, [None])
        strangers = (
            new_test_user(self.env, "stranger_portal", groups="base.group_portal"),
            new_test_user(self.env, "stranger_employee", groups="base.group_user"),
        )
        before = self._count()
        for user in strangers:
            for model, names in BUTTONS.items():
                for name in sorted(names):
                    records = self.env[model].sudo()
                    record = records.browse() if records._abstract else records.search([], limit=1)
                    for target in (record, record.browse()):
                        with self.subTest(user=user.login, model=model, name=name, ids=target.ids):
                            self._call(target.with_user(user), name)
        self.env.invalidate_all()
        self.assertEqual(self._count(), before)

    def _call(self, target, name):
        secrets = {self.member_2.id, self.member_2.card_id.id}
        try:
            with self.env.cr.savepoint():
                result = getattr(target, name)()
                self.env.flush_all()
        except (UserError, ValueError):  # ValueError: one record was expected
            return
        domain = result.get("domain") if isinstance(result, dict) else None
        told = {
            number
            for leaf in (domain if isinstance(domain, list) else [])
            if isinstance(leaf, (list, tuple)) and isinstance(leaf[2], (list, tuple, set))
            for number in leaf[2]
        } - set(target.ids)
        self.assertFalse(told & secrets, "the ids of members are told to somebody who may not read them")

    def _count(self):
        self.env.flush_all()
        counts = {model: self.env[model].sudo().with_context(active_test=False).search_count([]) for model in COUNTED}
        return {**counts, "points": self.member.points, "state": self.member.state, "name": self.club.name}
