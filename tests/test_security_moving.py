"""What one may change is not moved to where one may not: Odoo's record rules ask where a record was, not where it goes.

abuse 3 and 15, over RPC: a manager of one company gives points in another's club by a rule or a step that is moved
there; whoever composes a report of their own moves a block into everybody's.
"""

from datetime import date, datetime
from unittest.mock import patch

from odoo import Command
from odoo.addons.customer_club.models.reporting.club_report_line import MOST_BLOCKS
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

#: A picture of one point.
PIXEL = "R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw=="
# Written by people, and bounded otherwise: model → why.
BOUNDED_OTHERWISE = {}


@tagged("post_install", "-at_install")
class TestNothingIsMovedToOthers(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.elsewhere = cls.env["club.club"].create({"name": "Elsewhere Club", "company_id": company.id})
        cls.both = cls.club.company_id | company
        cls.manager, cls.user = (
            new_test_user(
                cls.env,
                f"moving_{role}",
                groups=f"customer_club.group_club_{role}",
                company_id=cls.club.company_id.id,
                company_ids=[Command.set(cls.club.company_id.ids)],
            )
            for role in ("manager", "user")
        )
        cls.mine, cls.theirs = cls.earn_rule("visit", 10), cls.earn_rule("visit", 1, club_id=cls.elsewhere.id)

    def assertStays(self, record, person, name, goal):
        before = record[name]
        with self.assertRaises(AccessError):
            record.with_user(person).write({name: goal.id})
        self.env.invalidate_all()
        self.assertEqual(record[name], before)

    def test_a_rule_gives_nothing_in_another_companys_club(self):
        self.assertStays(self.mine, self.manager, "club_id", self.elsewhere)

    def test_a_tier_multiplies_nothing_in_another_companys_club(self):
        tier = self.env["club.tier"].create({"club_id": self.club.id, "name": "Highest", "threshold": 70001})
        self.assertStays(tier, self.manager, "club_id", self.elsewhere)

    def test_a_rule_s_step_does_not_become_a_step_of_theirs(self):
        step = self.env["club.earn.rule.step"].create({"rule_id": self.mine.id, "from_amount": 0, "points": 1000})
        self.assertStays(step, self.manager, "rule_id", self.theirs)

    def test_a_condition_does_not_change_who_is_in_their_segment(self):
        mine, theirs = self.env["club.segment"].create(
            [{"name": "Segment", "club_id": club.id} for club in (self.club, self.elsewhere)]
        )
        line = self.env["club.segment.condition"].create({"segment_id": mine.id, "kind": "joined", "days": 30})
        self.assertStays(line, self.manager, "segment_id", theirs)

    def test_a_manager_of_both_moves_what_is_theirs(self):
        self.manager.company_ids = [Command.set(self.both.ids)]
        self.mine.with_user(self.manager).club_id = self.elsewhere
        self.assertEqual(self.mine.company_id, self.elsewhere.company_id)

    def test_a_block_of_ones_own_does_not_get_into_everybodys_report(self):
        shared = self.env["club.report"].create({"name": "Everybody's", "shared": True})
        own = (
            self.env["club.report"]
            .with_user(self.user)
            .create({"name": "Mine", "line_ids": [Command.create({"kind": "growth", "title": "Pay here"})]})
        )
        self.assertStays(own.sudo().line_ids, self.user, "report_id", shared)

    def test_a_report_of_ones_own_does_not_become_the_owners_letter(self):
        Report = self.env["club.report"].with_user(self.user)
        with self.assertRaises(AccessError):
            Report.create({"name": "Letter", "letter_club_id": self.club.id})
        with self.assertRaises(AccessError):
            Report.with_context(default_letter_club_id=self.club.id).create({"name": "Letter"})
        own = Report.create({"name": "Mine"})
        self.assertStays(own.sudo(), self.user, "letter_club_id", self.club)
        self.club.with_user(self.manager).letter_user_ids = self.manager
        letter = self.env["club.report"].search([("letter_club_id", "=", self.club.id)])
        self.assertEqual(letter.recipient_ids, self.manager)

    def test_a_number_that_comes_as_text_is_no_way_around(self):
        """Odoo stores such a number, and until the transaction ends reads nothing there."""
        Report = self.env["club.report"].with_user(self.user)
        for number in (str(self.club.id), float(self.club.id)):
            with self.subTest(number=number):
                with self.assertRaises(AccessError):
                    Report.create({"name": "Pay here", "letter_club_id": number})
                self.assertFalse(self.env["club.report"].search([("letter_club_id", "=", self.club.id)]))

    def test_nobody_of_one_company_puts_words_before_all_of_them(self):
        Report = self.env["club.report"].with_user(self.user)
        with self.assertRaisesRegex(UserError, "Only managers"):
            Report.create({"name": "Pay here", "shared": True, "company_id": False})
        own = Report.create({"name": "Pay here", "shared": True})
        with self.assertRaisesRegex(UserError, "Only managers"):
            own.company_id = False
        private = Report.create({"name": "Of all my companies", "company_id": False})
        self.assertFalse(private.shared)
        with self.assertRaises(AccessError):
            own.user_id = self.manager
        self.env["club.report"].with_user(self.manager).create({"name": "All", "shared": True, "company_id": False})

    def test_a_report_has_an_end(self):
        """abuse 24: each block costs the server a second of a large club."""
        lines = [Command.create({"kind": "growth"}) for _number in range(MOST_BLOCKS)]
        report = self.env["club.report"].with_user(self.user).create({"name": "Long", "line_ids": lines})
        for attempt in (
            lambda: report.line_ids.create({"report_id": report.id, "kind": "growth"}),
            lambda: report.write({"line_ids": lines[:1]}),
            lambda: report.create({"name": "Longer", "line_ids": [*lines, *lines[:1]]}),
        ):
            with self.assertRaisesRegex(UserError, "more than"), self.env.cr.savepoint():
                attempt()
        self.assertEqual(len(report.line_ids), MOST_BLOCKS)

    # -- every kind of row --------------------------------------------------------------------------

    def _make_pairs(self):
        """A row of ours, the field that says whose it is, and what of another company it might be moved to."""
        days = {"date_from": date(2026, 5, 1), "date_to": date(2026, 5, 31)}
        start = datetime(2026, 5, 1)
        partner = self.env["res.partner"].create({"name": "Bakery", "is_company": True})
        raffle = {"opens_at": start, "closes_at": datetime(2026, 5, 9), "draws_at": datetime(2026, 5, 10)}
        make = {
            name: [self.env[model].create({**values, "club_id": club.id}) for club in (self.club, self.elsewhere)]
            for name, model, values in (
                ("simulation", "club.simulation", {"name": "What if"}),
                ("question", "club.question", {"name": "Tea?", "kind": "boolean"}),
                ("contest", "club.contest", {"name": "Contest", **days}),
                ("draw", "club.draw", {"name": "Wheel"}),
                ("raffle", "club.raffle", {"name": "Raffle", **raffle}),
                ("prize", "club.prize", {"name": "Prize", "points": 10}),
                ("merchant", "club.merchant", {"partner_id": partner.id, "code": "bakery"}),
                ("campaign", "club.campaign", {"name": "Campaign", "subject": "Hello", "body": "Hello", **days}),
                ("import", "club.member.import", {}),
                ("segment", "club.segment", {"name": "Segment"}),
            )
        }
        setups = [simulation.setup_ids[-1] for simulation in make["simulation"]]
        rows = (
            ("club.simulation.setup", "simulation_id", "simulation", {"name": "Mine"}),
            ("club.question.choice", "question_id", "question", {"name": "Green"}),
            ("club.contest.prize", "contest_id", "contest", {"points": 5}),
            ("club.contest.type", "contest_id", "contest", {"event_type": "visit"}),
            ("club.draw.prize", "draw_id", "draw", {"kind": "word", "word": "Again"}),
            ("club.raffle.prize", "raffle_id", "raffle", {"name": "Cup"}),
            ("club.raffle.party", "raffle_id", "raffle", {"name": "Witness"}),
            ("club.prize.picture", "prize_id", "prize", {"image_1920": PIXEL}),
            ("club.merchant.offer", "merchant_id", "merchant", {"name": "Bread", "points": 5}),
            ("club.campaign.step", "campaign_id", "campaign", {"subject": "Again", "body": "Hello"}),
            ("club.segment.condition", "segment_id", "segment", {"kind": "joined", "days": 30}),
        )
        yield setups[0].rule_ids[:1], "setup_id", setups[1]
        for model, name, parent, values in rows:
            mine, theirs = make[parent]
            yield self.env[model].create({**values, name: mine.id}), name, theirs
        tier = self.env["club.tier"].create({"club_id": self.club.id, "name": "Highest", "threshold": 70001})
        line = self.env["club.simulation.tier"].create({"setup_id": setups[0].id, "tier_id": tier.id})
        yield line, "setup_id", setups[1]
        for model, values in (
            ("club.feedback.desk", {"kind": "request"}),
            ("club.feedback.category", {"name": "Parking"}),
        ):
            yield self.env[model].create({**values, "club_id": self.club.id}), "club_id", self.elsewhere
        asked = self.env["club.profile.field"].search([("club_id", "in", (self.club | self.elsewhere).ids)])
        field = asked.filtered(lambda asked: asked.club_id == self.club)[0]
        asked.filtered(lambda asked: asked.club_id == self.elsewhere and asked.kind == field.kind).unlink()
        yield field, "club_id", self.elsewhere
        yield self.club, "company_id", self.elsewhere.company_id
        for mine, theirs in make.values():
            yield mine, "club_id", theirs.club_id

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_no_row_goes_where_its_writer_has_no_rights(self):
        """The second time the goal may be named: then it is asked whose the row is now."""
        pairs = list(self._make_pairs())
        self.env.flush_all()
        Bounded = self.env.registry["club.bounded"]
        for record, name, goal in pairs:
            with self.subTest(model=record._name, field=name):
                self.assertTrue(record)
                before = record[name]
                self.assertTrue(record.with_user(self.manager).has_access("write"), "else nothing is tested")
                with self.assertRaises(UserError), self.env.cr.savepoint():
                    record.with_user(self.manager).write({name: goal.id})
                with (
                    patch.object(Bounded, "_check_named", lambda *_args: None),
                    self.assertRaises(UserError),
                    self.env.cr.savepoint(),
                ):
                    record.with_user(self.manager).write({name: goal.id})
                self.env.invalidate_all()
                self.assertEqual(record[name], before)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_no_row_is_made_where_its_writer_has_no_rights(self):
        Choice = self.env["club.question.choice"].with_user(self.manager)
        question = self.env["club.question"].create({"name": "Tea?", "kind": "boolean", "club_id": self.elsewhere.id})
        with self.assertRaises(AccessError):
            Choice.create({"question_id": question.id, "name": "Green"})
        with self.assertRaises(AccessError):
            Choice.with_context(default_question_id=question.id).create({"name": "Green"})

    def test_whatever_people_write_is_bounded(self):
        """Every model of the addon that somebody but the administrator may create or change."""
        Access = self.env["ir.model.access"]
        system = self.env.ref("base.group_system")
        Bounded = self.env.registry["club.bounded"]
        free = []
        for name, model in self.env.items():
            if not name.startswith("club.") or model._abstract:
                continue
            domain = [("model_id.model", "=", name), "|", ("perm_write", "=", True), ("perm_create", "=", True)]
            if Access.search(domain).group_id - system and not issubclass(type(model), Bounded):
                free.append(name)
        self.assertEqual(sorted(free), sorted(BOUNDED_OTHERWISE))

    # -- what is told -------------------------------------------------------------------------------

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_no_refusal_names_what_its_reader_may_not_read(self):
        """Constraints run with all rights: they would tell names to whoever tries numbers one after another."""
        secret = "Zyxwood"
        club = self.elsewhere
        segment = self.env["club.segment"].create({"name": secret, "club_id": club.id})
        tier = self.env["club.tier"].create({"name": secret, "club_id": club.id, "threshold": 7})
        prize = self.env["club.prize"].create({"name": secret, "club_id": club.id, "points": 10})
        product = self.env["product.product"].create({"name": secret, "company_id": club.company_id.id})
        rule = self.earn_rule("visit", 3, club_id=club.id, name=secret)
        partner = self.env["res.partner"].create({"name": secret, "company_id": club.company_id.id})
        program = self.env["loyalty.program"].create(
            {"name": secret, "program_type": "coupons", "company_id": club.company_id.id}
        )
        login = new_test_user(
            self.env,
            "moving_customer",
            name=secret,
            groups="base.group_portal",
            company_id=club.company_id.id,
            company_ids=[Command.set(club.company_id.ids)],
        )
        mine = self.env["club.segment"].create({"name": "Mine", "club_id": self.club.id})
        env = self.env(user=self.manager, context={})
        club_id = self.club.id
        for model, values in (
            ("club.campaign", {"name": "C", "subject": "S", "club_id": club_id, "segment_id": segment.id}),
            ("club.campaign", {"name": "C", "subject": "S", "club_id": club_id, "prize_id": prize.id}),
            ("club.segment.condition", {"segment_id": mine.id, "kind": "segment", "other_id": segment.id}),
            ("club.segment.condition", {"segment_id": mine.id, "kind": "tier", "tier_ids": [Command.set(tier.ids)]}),
            ("club.segment", {"name": "S", "club_id": club_id, "compared_id": segment.id}),
            ("club.banner", {"title": "B", "club_id": club_id, "audience_from_tier_id": tier.id}),
            ("club.banner", {"title": "B", "club_id": club_id, "audience_segment_ids": [Command.link(segment.id)]}),
            ("club.banner", {"title": "B", "club_id": club_id, "audience_tier_ids": [(4, tier.id)]}),
            ("club.prize", {"name": "P", "points": 5, "club_id": club_id, "product_id": product.id}),
            ("club.earn.rule", {"name": "R", "club_id": club_id, "event_type": "visit", "tier_from_id": tier.id}),
            ("club.occasion.reminder", {"club_id": club_id, "rule_id": rule.id}),
            ("club.enrol.wizard", {"club_id": club_id, "partner_ids": [Command.set(partner.ids)]}),
            ("club.occasion.reminder", {"club_id": club_id, "program_id": program.id}),
            ("club.merchant", {"club_id": club_id, "code": "me", "user_ids": [Command.set(login.ids)]}),
            (
                "club.report",
                {
                    "name": "R",
                    "club_ids": [Command.set(self.club.ids)],
                    "line_ids": [Command.create({"kind": "growth", "segment_id": segment.id})],
                },
            ),
        ):
            with self.subTest(model=model, values=values):
                self.assertFalse(set(values) - set(env[model]._fields), "else nothing is tested")
                for context, told in (({}, values), ({f"default_{name}": v for name, v in values.items()}, {})):
                    with self.assertRaises(UserError) as caught, self.env.cr.savepoint():
                        env[model].with_context(**context).create(told)
                        self.env.flush_all()
                    self.assertNotIn(secret, str(caught.exception))

    def _make_others(self):
        """A tier, a segment and a member of another company."""
        club, secret = self.elsewhere, "Zyxwood"
        partner = self.env["res.partner"].create(
            {"name": secret, "email": "zyxwood@example.com", "company_id": club.company_id.id}
        )
        return (
            self.env["club.tier"].create({"name": secret, "club_id": club.id, "threshold": 7}),
            self.env["club.segment"].create({"name": secret, "club_id": club.id}),
            club._enrol(partner),
        )

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_whoever_writes_a_number_otherwise_names_nothing_of_others_either(self):
        """abuse 3: the database takes "12" for 12, where constraints and record rules see nothing."""
        tier, segment, member = self._make_others()
        env, club_id = self.env(user=self.manager, context={}), self.club.id
        banner = {"title": "B", "club_id": club_id}
        gift = {"points": 5, "reason": "Gift", "company_id": self.club.company_id.id}
        for model, values in (
            ("club.point.adjustment", {**gift, "member_id": str(member.id)}),
            ("club.point.adjustment", {**gift, "member_id": float(member.id)}),
            ("club.report", {"name": "Pay here", "letter_club_id": str(club_id)}),
            ("club.banner", {**banner, "audience_from_tier_id": f" {tier.id}"}),
            ("club.banner", {**banner, "audience_segment_ids": [Command.set([str(segment.id)])]}),
            ("club.banner", {**banner, "audience_segment_ids": [Command.link(str(segment.id))]}),
            ("club.banner", {**banner, "audience_segment_ids": [str(segment.id)]}),
        ):
            with self.subTest(model=model, values=values):
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    env[model].create(values)
                told = {f"default_{name}": value for name, value in values.items()}
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    env[model].with_context(**told).create({})

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_nobody_names_what_is_others_by_a_default_of_their_own(self):
        tier, _segment, _member = self._make_others()
        mine = self.env["club.tier"].create({"name": "Mine", "club_id": self.club.id, "threshold": 70001})
        Default = self.env["ir.default"].with_user(self.manager)
        Banner = self.env["club.banner"].with_user(self.manager)
        Default.set("club.banner", "audience_from_tier_id", tier.id, user_id=True)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            Banner.create({"title": "B", "club_id": self.club.id})
        made = Banner.create({"title": "B", "club_id": self.club.id, "audience_from_tier_id": mine.id})
        self.assertEqual(made.audience_from_tier_id, mine)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_a_row_that_is_not_saved_shows_nothing_of_others(self):
        """abuse 14: Odoo shows names, and fields related to what is named, with all rights (onchange over RPC)."""
        _tier, segment, member = self._make_others()
        name = {"fields": {"display_name": {}}}
        mine = self.env["club.segment"].create({"name": "Mine", "club_id": self.club.id})
        env = self.env(user=self.user, context={})
        for model, values, fields in (
            ("club.member", {"partner_id": member.partner_id.id}, {"email": {}, "partner_id": name}),
            ("club.member", {"partner_id": {"id": member.partner_id.id}}, {"email": {}}),
            ("club.feedback", {"member_id": member.id}, {"member_points": {}, "member_id": name}),
            ("club.point.adjustment", {"member_id": member.id}, {"club_id": name}),
        ):
            with self.subTest(model=model, values=values):
                with self.assertRaises(AccessError):
                    env[model].onchange(dict(values), [], fields)
                with self.assertRaises(AccessError):
                    env[model].onchange(dict(values), list(values), fields)
                told = {f"default_{name}": value for name, value in values.items()}
                with self.assertRaises(AccessError):
                    env[model].with_context(**told).onchange({}, [], fields)
        manager = self.env(user=self.manager, context={})
        line = {"kind": "segment", "other_id": segment.id}
        with self.assertRaises(AccessError):
            manager["club.segment"].browse(mine.id).onchange(
                {"condition_ids": [Command.create(line)]},
                ["condition_ids"],
                {"condition_ids": {"fields": {"kind": {}, "other_id": name}}},
            )
        told = env["club.feedback"].onchange({"member_id": self.member.id}, [], {"member_id": name, "tier_id": name})
        self.assertEqual(told["value"]["member_id"]["id"], self.member.id)

    def test_what_is_ones_own_may_be_named(self):
        segment = self.env["club.segment"].create({"name": "Mine", "club_id": self.club.id})
        banner = (
            self.env["club.banner"]
            .with_user(self.manager)
            .create({"title": "B", "club_id": self.club.id, "audience_segment_ids": [Command.link(segment.id)]})
        )
        self.assertEqual(banner.audience_segment_ids, segment)

    # -- dialogs --------------------------------------------------------------------------------------

    def test_what_is_typed_into_a_dialog_is_its_writers_own(self):
        """Odoo lets everybody with the same rights read and change it: reasons, numbers, members' names."""
        Rule = self.env["ir.rule"]
        for name, model in self.env.items():
            if not name.startswith("club.") or model._abstract or not model._transient:
                continue
            with self.subTest(model=name):
                domain = Rule.with_user(self.manager)._compute_domain(name, "write")
                self.assertIn("create_uid", str(domain))
        colleague = new_test_user(
            self.env,
            "moving_colleague",
            groups="customer_club.group_club_manager",
            company_id=self.elsewhere.company_id.id,
            company_ids=[Command.set(self.elsewhere.company_id.ids)],
        )
        leave = self.env["club.leave.wizard"].with_user(self.manager).create({"member_id": self.member.id})
        self.assertTrue(leave.read(["member_id"]))
        for operation in ("read", "write", "unlink"):
            self.assertFalse(leave.with_user(colleague).has_access(operation), operation)
