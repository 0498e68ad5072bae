"""What who runs a raffle may try (abuse 23): as a manager through the ORM, over RPC, and with plain SQL."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.customer_club.hooks import uninstall_hook
from odoo.addons.customer_club.tests.raffle_common import AFTER, DRAWN, DURING, RaffleCase, signature
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import RestrictViolation

ROLES = ("group_club_user", "group_club_manager", "group_club_accountant")


class RaffleOperatorCase(RaffleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(cls.env, "raffle_manager", groups="customer_club.group_club_manager")


@tagged("post_install", "-at_install")
class TestRaffleOperator(RaffleOperatorCase):
    def freeze_one(self):
        self.open()
        self.buy(4)
        self.buy(4, self.member_2)
        self.freeze()
        return self.raffle.with_user(self.manager)

    def assertSqlRefused(self, statement, *values):
        with (
            self.subTest(statement),
            mute_logger("odoo.sql_db"),
            self.assertRaises(RestrictViolation),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(statement, values)

    def test_a_manager_cannot_change_the_rules_of_an_open_raffle(self):
        raffle = self.open().with_user(self.manager)
        for values in (
            {"ticket_price": 1},
            {"closes_at": self.start + timedelta(days=30)},
            {"draws_at": self.start + timedelta(days=30)},
            {"name": "Another"},
            {"alternates": 9},
            {"excluded_partner_ids": self.partner.ids},
            {"beacon_id": self.env.ref("customer_club.club_raffle_beacon_default").id},
            {"observer_id": False},
            {"prize_ids": [(0, 0, {"name": "Nothing"})]},
            {"state": "draft"},
            {"ticket_number": 0},
            {"rules_hash": "00"},
        ):
            with self.subTest(values), self.assertRaises(UserError):
                raffle.write(values)
        for change in (
            lambda: raffle.prize_ids[:1].write({"name": "Less"}),
            lambda: raffle.prize_ids[:1].unlink(),
            lambda: self.env["club.raffle.prize"].with_user(self.manager).create({"raffle_id": raffle.id, "name": "x"}),
            raffle.unlink,
            lambda: self.beacon.write({"genesis": 5}),
        ):
            with self.assertRaises(UserError):
                change()

    def test_a_context_adds_neither_a_prize_nor_a_party_to_an_open_raffle(self):
        """abuse 5 and 23: who knows the order could still put a prize where it falls on a friend."""
        self.open()
        self.buy(4)
        other = self.make_raffle(
            randomness_kind="parties",
            party_ids=[(0, 0, {"name": "Shop", "commitment": "cd" * 32}), (0, 0, {"name": "Notary"})],
        ).with_user(self.manager)
        env = other.env
        for state in ("open", "frozen"):
            if state == "frozen":
                self.freeze()
            self.assertEqual(self.raffle.state, state)
            Prize = env["club.raffle.prize"].with_context(default_raffle_id=self.raffle.id, default_sequence=-5)
            Party = env["club.raffle.party"].with_context(default_raffle_id=self.raffle.id, default_secret="ab")
            for change in (
                lambda Prize=Prize: Prize.create({"name": "Pencil"}),
                lambda Prize=Prize: Prize.name_create("Pencil"),
                lambda Party=Party: Party.create({"name": "Me", "commitment": "ab" * 32}),
                lambda: other.party_ids[:1].write({"raffle_id": self.raffle.id}),
                lambda: self.raffle.with_user(self.manager).write({"party_ids": [(4, other.party_ids[1:].id)]}),
                lambda: other.prize_ids[:1].write({"raffle_id": self.raffle.id}),
            ):
                with self.assertRaises(UserError), self.env.cr.savepoint():
                    change()
        self.assertEqual(self.raffle.prize_ids.sorted().mapped("name"), ["Bicycle", "Vase"])
        self.assertFalse(self.raffle.party_ids)

    @mute_logger("odoo.addons.base.models.ir_attachment")
    def test_a_published_file_is_not_changed_as_an_attachment(self):
        """abuse 23: a manager may write the raffle, and so what is attached to it."""
        raffle = self.freeze_one()
        listing = raffle.sudo()._read_file("list_file")
        self.draw()
        proof = raffle.sudo()._read_file("proof_file")
        Attachment = raffle.env["ir.attachment"]
        for name in ("list_file", "proof_file"):
            place = {"res_model": "club.raffle", "res_id": raffle.id, "res_field": name}
            found = Attachment.sudo().search([(key, "=", value) for key, value in place.items()])
            for change in (
                lambda found=found: found.with_user(self.manager).write({"raw": b"x"}),
                lambda found=found: found.with_user(self.manager).write({"res_field": False}),
                lambda found=found: found.with_user(self.manager).unlink(),
                lambda place=place, name=name: Attachment.create({"name": name, "raw": b"x", **place}),
            ):
                with self.subTest(name), self.assertRaises(AccessError), self.env.cr.savepoint():
                    change()
        self.env.invalidate_all()
        self.assertEqual(raffle.sudo()._read_file("list_file"), listing)
        self.assertEqual(raffle.sudo()._read_file("proof_file"), proof)

    def test_a_running_raffle_is_not_put_out_of_sight(self):
        """abuse 23: an archived raffle would never be drawn, and its tickets' points never come back."""
        raffle = self.freeze_one()
        with self.assertRaisesRegex(UserError, "is not over"):
            raffle.active = False
        with self.assertRaisesRegex(UserError, "is not over"):
            raffle.action_archive()
        self.draw()
        with self.assertRaisesRegex(UserError, "is not over"):
            raffle.active = False
        over = self.open(self.make_raffle()).with_user(self.manager)
        with self.at(DURING):
            over.sudo()._void("The bicycle was stolen.")
        over.active = False
        self.assertFalse(over.active)

    def test_a_manager_can_make_neither_tickets_nor_winners_nor_steps(self):
        raffle = self.freeze_one()
        self.draw()
        env = raffle.env
        for model, values in (
            ("club.raffle.ticket", {"raffle_id": raffle.id, "member_id": self.member.id, "number": 9, "code": "x"}),
            ("club.raffle.winner", {"raffle_id": raffle.id, "member_id": self.member.id, "place": 1}),
            ("club.raffle.step", {"raffle_id": raffle.id, "kind": "draw", "content": "{}"}),
            ("club.raffle.exclusion", {"raffle_id": raffle.id, "reason": "staff"}),
            ("club.raffle.entrant", {"raffle_id": raffle.id, "member_id": self.member.id}),
            ("club.raffle.purchase", {"raffle_id": raffle.id, "member_id": self.member.id, "quantity": 1, "key": "x"}),
        ):
            with self.subTest(model), self.assertRaises(UserError):
                env[model].create(values)
            if model == "club.raffle.exclusion":
                continue  # nobody was left out
            with self.subTest(model), self.assertRaises(UserError):
                self.env[model].search([("raffle_id", "=", raffle.id)], limit=1).with_user(self.manager).unlink()

    def test_a_frozen_list_its_round_and_a_drawn_seed_stay_whoever_asks(self):
        raffle = self.freeze_one()
        for values in (
            {"list_hash": "00" * 32},
            {"round_no": raffle.round_no + 1},
            {"round_at": raffle.round_at + timedelta(hours=1)},
            {"list_file": b"eA=="},
            {"randomness": "00"},
            {"state": "open"},
        ):
            with self.subTest(values), self.assertRaises(UserError):
                raffle.write(values)
        self.draw()
        for values in ({"seed": "00"}, {"randomness": "00"}, {"proof_file": b"eA=="}, {"state": "frozen"}):
            with self.subTest(values), self.assertRaises(UserError):
                raffle.write(values)

    def test_a_context_opens_no_back_door(self):
        """abuse 5"""
        raffle = self.freeze_one()
        for sentinel in (True, "OURS", object(), {"a": 1}):
            with self.assertRaises(UserError):
                raffle.with_context(club_raffle=sentinel).write({"round_no": 1})
        made = (
            self.env["club.raffle"]
            .with_user(self.manager)
            .with_context(default_state="drawn", default_list_hash="00", default_public_id="mine")
            .create({"name": "Forged", "club_id": self.club.id, "state": "open", "redraw_of_id": raffle.id})
        )
        self.assertEqual((made.state, made.list_hash, made.redraw_of_id.id), ("draft", False, False))
        self.assertNotEqual(made.public_id, "mine")

    def test_plain_sql_meets_the_databases_own_guard(self):
        raffle = self.freeze_one()
        member, company = self.member.id, self.club.company_id.id
        ticket = self.env["club.raffle.ticket"].search([("raffle_id", "=", raffle.id)], limit=1)
        self.assertSqlRefused(
            "INSERT INTO club_raffle_ticket (raffle_id, company_id, member_id, number, code, source, at)"
            " VALUES (%s, %s, %s, 99, 'forged', 'free', now())",
            raffle.id,
            company,
            member,
        )
        self.assertSqlRefused("UPDATE club_raffle_ticket SET member_id = %s WHERE id = %s", member, ticket.id)
        self.assertSqlRefused("DELETE FROM club_raffle_ticket WHERE id = %s", ticket.id)
        self.assertSqlRefused(
            "INSERT INTO club_raffle_exclusion (raffle_id, company_id, ticket_id, reason) VALUES (%s, %s, %s, 'staff')",
            raffle.id,
            company,
            ticket.id,
        )
        for change in (
            "list_hash = 'x'",
            "round_no = round_no + 1",
            "round_at = round_at + interval '1 hour'",
            "rules_text = 'x'",
            "ticket_price = 1",
            "alternates = 9",
            "state = 'open'",
            "state = 'draft'",
            "state = 'done'",
            "ticket_number = 99",
            "public_id = 'x'",
            "state = 'drawn'",
        ):
            self.assertSqlRefused(f"UPDATE club_raffle SET {change} WHERE id = %s", raffle.id)
        self.assertSqlRefused("DELETE FROM club_raffle WHERE id = %s", raffle.id)
        self.assertSqlRefused("UPDATE club_raffle_step SET content = '{}' WHERE raffle_id = %s", raffle.id)
        self.draw()
        winner = raffle.winner_ids[:1]
        self.assertSqlRefused("UPDATE club_raffle_winner SET member_id = %s WHERE id = %s", 0, winner.id)
        self.assertSqlRefused("DELETE FROM club_raffle_winner WHERE id = %s", winner.id)
        self.assertSqlRefused(
            "INSERT INTO club_raffle_winner (raffle_id, company_id, place, ticket_id, member_id, state)"
            " SELECT raffle_id, company_id, 99, ticket_id, member_id, 'called' FROM club_raffle_winner WHERE id = %s",
            winner.id,
        )
        for change in ("seed = 'x'", "randomness = 'x'", "state = 'frozen'", "drawn_at = now()"):
            self.assertSqlRefused(f"UPDATE club_raffle SET {change} WHERE id = %s", raffle.id)

    def test_even_sql_neither_freezes_before_the_closing_nor_draws_before_the_round(self):
        """These two look at the database's clock, so the raffle closes tomorrow in earnest."""
        now = fields.Datetime.now()
        raffle = self.make_raffle(
            opens_at=now, closes_at=now + timedelta(days=1), draws_at=now + timedelta(days=1, hours=1)
        )
        raffle.action_open()
        raffle._buy(self.member, 1, "x")
        self.env.flush_all()
        freeze = (
            "UPDATE club_raffle SET state = 'frozen', list_hash = 'x', list_count = 1, round_no = 1,"
            " round_at = draws_at, frozen_at = now() WHERE id = %s"
        )
        self.assertSqlRefused(freeze, raffle.id)
        past = self.open(self.make_raffle(draws_at=now + timedelta(days=1)))
        self.buy(1, raffle=past)
        self.freeze(past)
        self.assertSqlRefused(
            "UPDATE club_raffle SET state = 'drawn', randomness = 'x', seed = 'x', drawn_at = now() WHERE id = %s",
            past.id,
        )
        with self.assertRaisesRegex(UserError, "never before"):
            past.with_user(self.manager).action_draw()

    def test_over_rpc_only_a_manager_steps_and_nobody_reaches_what_is_private(self):
        """abuse 15"""
        self.open()
        self.buy(1)
        for group in ("customer_club.group_club_user", "customer_club.group_club_accountant", "base.group_portal"):
            user = new_test_user(self.env, f"rpc_{group.split('.')[1]}", groups=group)
            Raffle = self.env["club.raffle"].with_user(user)
            for method in ("action_open", "action_close", "action_draw"):
                with self.subTest(f"{group} {method}"), self.at(AFTER), self.assertRaises(AccessError):
                    call_kw(Raffle, method, [self.raffle.ids], {})
        Raffle = self.env["club.raffle"].with_user(self.manager)
        for method, arguments in (
            ("_freeze", []),
            ("_draw", ["00" * 32, {}]),
            ("_draw_beacon", ["00" * 32, "00" * 48, ""]),
            ("_buy", [self.member.id, 1, "x"]),
            ("_set", [{"state": "drawn"}]),
            ("_void", ["because"]),
        ):
            with self.subTest(method), self.assertRaises(AccessError):
                call_kw(Raffle, method, [self.raffle.ids, *arguments], {})
        self.assertEqual(self.raffle.state, "open")

    def test_every_role_reads_and_no_customer_does(self):
        self.play()
        models = [name for name in self.env.registry if name.startswith("club.raffle")]
        self.assertGreater(len(models), 9)
        portal = new_test_user(self.env, "raffle_portal", groups="base.group_portal")
        public = self.env.ref("base.public_user")
        for name in models:
            for user in (portal, public):
                for mode in ("read", "write", "create", "unlink"):
                    with self.subTest(f"{name} {mode}"):
                        self.assertFalse(self.env[name].with_user(user).has_access(mode))
            if not self.env[name]._transient:
                for group in ROLES:
                    user = self.env["res.users"].search([("login", "=", f"role_{group}")]) or new_test_user(
                        self.env, f"role_{group}", groups=f"customer_club.{group}"
                    )
                    self.env[name].with_user(user).search([], limit=5).mapped("display_name")
                    if group != "group_club_manager":
                        self.assertFalse(self.env[name].with_user(user).has_access("write"), name)

    def test_another_companys_manager_sees_and_steps_nothing(self):
        self.play()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        other = new_test_user(
            self.env,
            "raffle_elsewhere",
            groups="customer_club.group_club_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        for name in (
            "club.raffle",
            "club.raffle.prize",
            "club.raffle.ticket",
            "club.raffle.step",
            "club.raffle.winner",
            "club.raffle.entrant",
            "club.raffle.purchase",
            "club.raffle.exclusion",
            "club.raffle.party",
        ):
            self.assertFalse(self.env[name].with_user(other).search_count([]), name)
        with self.assertRaises(AccessError):
            self.raffle.with_user(other).action_draw()
        with self.assertRaises(AccessError):
            self.env["club.raffle.void"].with_user(other).create(
                {"raffle_id": self.raffle.id, "reason": "because I can"}
            ).action_void()
        with self.assertRaises(AccessError):
            self.raffle.winner_ids[:1].with_user(other).action_hand_over()

    def test_a_redraw_is_another_raffle_that_names_the_first_and_why(self):
        raffle = self.play()
        with self.assertRaisesRegex(UserError, "Tell why"):
            raffle._redraw(" ")
        form = (
            self.env["club.raffle.void"]
            .with_user(self.manager)
            .create({"raffle_id": raffle.id, "reason": "The bicycle was stolen"})
        )
        again = self.env["club.raffle"].browse(form.action_redraw()["res_id"])
        self.assertEqual((again.redraw_of_id, again.redraw_reason), (raffle, "The bicycle was stolen"))
        self.assertEqual((again.state, raffle.state), ("draft", "drawn"))
        self.assertNotEqual(again.public_id, raffle.public_id)
        self.assertIn(raffle.public_id, again._get_rules_text())
        self.assertEqual(again.prize_ids.mapped("quantity"), [1, 2])
        with self.assertRaises(UserError):
            again.with_user(self.manager).write({"redraw_of_id": False})
        self.open_raffle = self.make_raffle()
        with self.assertRaisesRegex(UserError, "not over"):
            self.open_raffle._redraw("because")

    def test_a_changed_file_or_row_shows(self):
        raffle = self.play()
        self.assertFalse(raffle._find_problem())
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", "club.raffle"), ("res_id", "=", raffle.id), ("res_field", "=", "list_file")]
        )
        good = attachment.raw
        attachment.raw = good.replace(b"0000001", b"0000009", 1)
        self.assertIn("list", raffle._find_problem())
        attachment.raw = good
        proof = self.env["ir.attachment"].search(
            [("res_model", "=", "club.raffle"), ("res_id", "=", raffle.id), ("res_field", "=", "proof_file")]
        )
        proof.raw = proof.raw.replace(raffle.seed.encode(), b"00" * 32)
        self.assertIn("cannot be proved", raffle._find_problem())
        self.assertEqual(raffle.with_user(self.manager).action_verify()["params"]["type"], "danger")

    def test_a_list_that_was_changed_on_disk_is_not_drawn(self):
        self.freeze_one()
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", "club.raffle"), ("res_id", "=", self.raffle.id), ("res_field", "=", "list_file")]
        )
        attachment.raw = attachment.raw.replace(b"0000001", b"0000009", 1)
        with self.at(DRAWN), self.assertRaisesRegex(UserError, "not the one that was published"):
            self.raffle._draw_beacon(**signature(), source="")

    def test_randomness_of_ones_own_is_refused_where_the_beacon_can_be_asked(self):
        """A manager who makes up a signature, and with it a result."""
        self.freeze_one()
        self.beacon.url = "https://beacon.example"
        answer = {"round": self.raffle.round_no, **signature(7)}
        form = self.env["club.raffle.draw"].with_user(self.manager).create({"raffle_id": self.raffle.id})
        with patch.object(self.env.registry["club.raffle.beacon"], "_ask", lambda beacon, url: answer), self.at(DRAWN):
            form.write({**signature(8), "source": "https://example.com"})
            with self.assertRaisesRegex(UserError, "says something else"):
                form.action_confirm()
            self.assertEqual(self.raffle.state, "frozen")
            form.write(signature(7))
            form.action_confirm()
        self.assertEqual(self.raffle.randomness, signature(7)["randomness"])

    def test_uninstalling_lets_the_tables_go(self):
        raffle = self.play()
        uninstall_hook(self.env)
        self.env.cr.execute("DELETE FROM club_raffle_winner WHERE raffle_id = %s", (raffle.id,))
        self.env.cr.execute("UPDATE club_raffle SET state = 'draft' WHERE id = %s", (raffle.id,))
        self.assertEqual(self.env.cr.rowcount, 1)
