"""A raffle from opening to published proof: every step once, in order, at its time."""

import json
from datetime import timedelta
from unittest.mock import patch

from odoo.addons.customer_club.tests.raffle_common import (
    AFTER,
    CLOSES,
    DRAWN,
    DRAWS,
    DURING,
    OPENS,
    RaffleCase,
    signature,
)
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestRaffleLife(RaffleCase):
    def test_from_opening_to_proof_every_step_is_logged_and_sent_to_the_observer(self):
        """abuse 23: the observer holds the hash of the list and the round before the round exists."""
        raffle = self.play()
        self.assertEqual(raffle.state, "drawn")
        self.assertEqual(raffle.step_ids.sorted("id").mapped("kind"), ["open", "freeze", "draw"])
        self.assertTrue(raffle.step_ids._is_chained())
        freeze = raffle.step_ids.filtered(lambda step: step.kind == "freeze")._read_content()
        self.assertEqual(
            (freeze["list_sha256"], freeze["count"], freeze["round"]), (raffle.list_hash, 10, raffle.round_no)
        )
        self.assertGreater(raffle.round_at, raffle.frozen_at)
        self.assertGreaterEqual(raffle.round_at, raffle.draws_at)
        mails = self.env["mail.mail"].search([("recipient_ids", "in", self.observer.ids)])
        self.assertEqual(len(mails), 3)
        self.assertTrue(any(raffle.list_hash in mail.body_html for mail in mails))
        self.assertInvariantsHold()

    def test_the_round_is_the_first_at_the_time_of_the_draw_or_after_it(self):
        raffle = self.open()
        self.buy(1)
        self.freeze()
        number, moment = self.beacon._get_round_from(raffle.draws_at)
        self.assertEqual((raffle.round_no, raffle.round_at), (number, moment))
        self.assertLess((moment - raffle.draws_at).total_seconds(), 30)
        # drand's published chains: round 1 at the genesis.
        quicknet = self.env.ref("customer_club.club_raffle_beacon_quicknet")
        self.assertEqual((quicknet.genesis, quicknet.period), (1692803367, 3))
        default = self.env.ref("customer_club.club_raffle_beacon_default")
        self.assertEqual((default.genesis, default.period), (1595431050, 30))

    def test_the_verifier_proves_the_draw_from_the_published_files_alone(self):
        raffle = self.play()
        proof, listing = (raffle._get_published_file(name)[0] for name in ("proof.json", "tickets.txt"))
        status, said = self.verify(proof, listing, "--ticket", raffle.winner_ids[0].code)
        self.assertEqual(status, 0, said)
        self.assertIn("RIGHT: 10 tickets", said)
        self.assertIn("Not checked here", said)
        self.assertFalse(raffle._find_problem())

    def test_the_verifier_sees_one_changed_ticket_order_round_or_byte(self):
        raffle = self.play()
        proof, listing = (raffle._get_published_file(name)[0] for name in ("proof.json", "tickets.txt"))
        lines = listing.splitlines(keepends=True)
        changed = {
            "ticket": (proof, listing.replace(lines[0][:12], b"0000001-AAAA", 1)),
            "order": (proof, b"".join([lines[1], lines[0], *lines[2:]])),
            "byte": (proof, listing[:-1]),
            "left out": (proof, b"".join(lines[:-1])),
        }
        data = json.loads(proof)
        changed["round"] = (
            {**data, "randomness": {**data["randomness"], "round": data["randomness"]["round"] + 1}},
            listing,
        )
        first, second, *rest = data["winners"]
        swapped = [{**first, "ticket": second["ticket"]}, {**second, "ticket": first["ticket"]}, *rest]
        changed["winner"] = ({**data, "winners": swapped}, listing)
        flipped = bytes([int(data["randomness"]["hex"][:2], 16) ^ 1]).hex() + data["randomness"]["hex"][2:]
        changed["randomness"] = ({**data, "randomness": {**data["randomness"], "hex": flipped}}, listing)
        for what, (forged, files) in changed.items():
            with self.subTest(what):
                status, said = self.verify(forged, files)
                self.assertEqual(status, 1, f"{what}: {said}")

    def test_the_published_files_hold_no_personal_data(self):
        raffle = self.play()
        texts = [raffle._get_published_file(name)[0].decode() for name in ("rules.json", "tickets.txt", "proof.json")]
        texts += raffle.step_ids.mapped("content")
        for text in texts:
            for secret in ("Anna", "Ben", "anna@example.com", self.member.number, "Notary", "notary@"):
                self.assertNotIn(secret, text)

    def test_prizes_go_down_the_order_and_a_member_wins_once(self):
        members = self.enrol(3)
        raffle = self.open()
        for member in (self.member, self.member_2, *members):
            self.buy(4, member)
        self.freeze()
        self.draw()
        winners = raffle.winner_ids.sorted("place")
        self.assertEqual(winners.mapped("place"), [1, 2, 3, 4, 5])
        self.assertEqual(len(winners.member_id), 5, "one prize per member")
        self.assertEqual(winners[:3].mapped("prize_id.name"), ["Bicycle", "Vase"])
        self.assertEqual(winners.mapped("state"), ["called"] * 3 + ["waiting"] * 2)
        proof = json.loads(raffle._get_published_file("proof.json")[0])
        for row in proof["skipped"]:
            ticket = raffle.env["club.raffle.ticket"].search([("code", "=", row["ticket"])])
            self.assertEqual(ticket.member_id, winners[row["winner"] - 1].member_id)

    def test_without_that_rule_one_member_can_win_everything(self):
        raffle = self.make_raffle(one_prize_each=False)
        self.play(raffle, ben=0)
        self.assertEqual(len(raffle.winner_ids), 5)
        self.assertEqual(raffle.winner_ids.member_id, self.member)
        self.assertEqual(self.verify(*(raffle._get_published_file(n)[0] for n in ("proof.json", "tickets.txt")))[0], 0)

    def test_fewer_members_than_prizes_win_what_there_is(self):
        raffle = self.play(anna=3, ben=2)
        self.assertEqual(len(raffle.winner_ids), 2)
        self.assertEqual(self.verify(*(raffle._get_published_file(n)[0] for n in ("proof.json", "tickets.txt")))[0], 0)

    # -- refused -------------------------------------------------------------------------------------

    def test_steps_out_of_order_or_made_twice_are_refused(self):
        with self.at(AFTER), self.assertRaisesRegex(UserError, "each step is made once"):
            self.raffle.action_close()
        self.open()
        with self.at(DURING), self.assertRaisesRegex(UserError, "each step is made once"):
            self.raffle.action_open()
        with self.at(DRAWN), self.assertRaisesRegex(UserError, "each step is made once"):
            self.raffle.action_draw()
        self.buy(1)
        self.freeze()
        with self.at(AFTER), self.assertRaisesRegex(UserError, "each step is made once"):
            self.raffle.action_close()
        self.draw()
        for number in (0, 1):
            with self.at(DRAWN), self.assertRaisesRegex(UserError, "each step is made once"):
                self.raffle._draw_beacon(**signature(number), source="")

    def test_the_list_is_not_frozen_before_the_closing_nor_when_the_round_is_near(self):
        self.open()
        self.buy(1)
        for moment, words in (
            (CLOSES - timedelta(seconds=1), "never before"),
            (DRAWS - timedelta(minutes=4), "too late"),
            (DRAWS + timedelta(days=1), "too late"),
        ):
            with self.subTest(words), self.at(moment), self.assertRaisesRegex(UserError, words):
                self.raffle.action_close()
        self.freeze(when=CLOSES)
        self.assertEqual(self.raffle.state, "frozen")

    def test_the_draw_is_neither_before_its_round_nor_long_after_it(self):
        self.open()
        self.buy(1)
        self.freeze()
        early = self.raffle.round_at - self.start - timedelta(seconds=1)
        for moment, words in ((early, "never before"), (early + timedelta(hours=72, seconds=2), "too late")):
            with self.subTest(words), self.at(moment), self.assertRaisesRegex(UserError, words):
                self.raffle._draw_beacon(**signature(), source="")
        self.draw(when=early + timedelta(seconds=1))
        self.assertEqual(self.raffle.state, "drawn")

    def test_randomness_that_cannot_be_the_beacons_is_refused_and_can_be_pasted_again(self):
        self.open()
        self.buy(1)
        self.freeze()
        good = signature()
        for bad in (
            {"randomness": good["randomness"], "signature": signature(1)["signature"]},
            {"randomness": "00" * 32, "signature": good["signature"]},
            {"randomness": "zz", "signature": good["signature"]},
            {"randomness": "", "signature": ""},
        ):
            with self.at(DRAWN), self.assertRaisesRegex(UserError, "Nothing was drawn"):
                self.raffle._draw_beacon(**bad, source="")
        self.assertEqual(self.raffle.state, "frozen")
        self.draw()

    def test_nothing_to_draw_from_is_called_off_not_frozen(self):
        self.open()
        with self.at(AFTER), self.assertRaisesRegex(UserError, "nothing to draw"):
            self.raffle.action_close()

    def test_a_raffle_that_could_not_work_is_not_opened(self):
        for values, words in (
            ({"prize_ids": False}, "no prize"),
            ({"ticket_price": 0, "free_each": 0}, "nobody could get a ticket"),
            ({"randomness_kind": "parties"}, "two parties"),
        ):
            raffle = self.make_raffle(**values)
            with self.subTest(words), self.at(OPENS), self.assertRaisesRegex(UserError, words):
                raffle.action_open()
        raffle = self.make_raffle()
        with self.at(CLOSES), self.assertRaisesRegex(UserError, "closing time has passed"):
            raffle.action_open()
        with self.assertRaisesRegex(ValidationError, "before anybody can know"):
            self.make_raffle(draws_at=self.start + CLOSES + timedelta(minutes=14))
        with self.assertRaisesRegex(ValidationError, "close before it opens"):
            self.make_raffle(opens_at=self.start + CLOSES)

    # -- by itself -----------------------------------------------------------------------------------

    def test_the_job_freezes_and_draws_at_the_set_times_and_never_before(self):
        self.beacon.url = "https://beacon.example"
        self.open()
        self.buy(2)
        asked = []

        def ask(beacon, url):
            asked.append(url)
            return {"round": int(url.rsplit("/", 1)[1]), **signature()}

        with patch.object(self.env.registry["club.raffle.beacon"], "_ask", ask), self.jobs_in_test():
            for moment, state in (
                (CLOSES - timedelta(minutes=1), "open"),
                (AFTER, "frozen"),
                (DRAWS - timedelta(minutes=1), "frozen"),
                (DRAWN, "drawn"),
                (DRAWN, "drawn"),
            ):
                with self.at(moment):
                    self.env["club.raffle"]._cron_steps()
                self.assertEqual(self.raffle.state, state)
        self.assertEqual(asked, [f"https://beacon.example/{'ab' * 32}/public/{self.raffle.round_no}"])
        self.assertIn("beacon.example", self.raffle.randomness_source)

    def test_a_beacon_that_answers_nonsense_or_not_at_all_draws_nothing(self):
        self.beacon.url = "https://beacon.example"
        self.open()
        self.buy(2)
        self.freeze()
        answers = [
            {"round": self.raffle.round_no + 1, **signature()},
            {"round": self.raffle.round_no, "randomness": "00" * 32, "signature": "00" * 48},
            {"error": "no such round"},
            [],
            ValueError("no JSON"),
        ]
        for answer in answers:
            with (
                self.subTest(answer),
                patch.object(self.env.registry["club.raffle.beacon"], "_ask", side_effect=[answer]),
                self.assertLogs("odoo.addons.customer_club", "WARNING"),
                self.at(DRAWN),
            ):
                action = self.raffle.action_draw()
                self.assertEqual(action["res_model"], "club.raffle.draw", "then a person is asked to paste it")
        self.assertEqual(self.raffle.state, "frozen")

    def test_what_is_late_waits_for_a_person_and_stands_on_the_home_page(self):
        self.open()
        self.buy(1)
        with self.jobs_in_test(), self.at(DRAWS):
            self.env["club.raffle"]._cron_steps()
            self.assertEqual(self.raffle.state, "open")
            todos = self.club._get_home_todos(self.club._get_home_figures())[self.club.id]
            self.assertIn("raffles_late", todos)
            self.assertEqual(self.club._get_home_action("raffles_late")["domain"], [("id", "in", self.raffle.ids)])
        with self.at(AFTER):
            todos = self.club._get_home_todos(self.club._get_home_figures())[self.club.id]
            self.assertIn("raffles_close", todos)

    # -- several parties -----------------------------------------------------------------------------

    def make_parties(self):
        secrets = [bytes([number]) * 32 for number in (1, 2)]
        raffle = self.make_raffle(
            randomness_kind="parties",
            party_ids=[(0, 0, {"name": "Shop"}), (0, 0, {"name": "Notary", "partner_id": self.observer.id})],
        )
        return raffle, secrets

    def test_two_parties_draw_together_and_the_verifier_proves_it(self):
        from odoo.addons.customer_club.engine.raffle import commitment

        raffle, secrets = self.make_parties()
        self.open(raffle)
        self.buy(3, raffle=raffle)
        with self.at(AFTER), self.assertRaisesRegex(UserError, "committed"):
            raffle.action_close()
        parties = raffle.party_ids.sorted()
        for party, secret in zip(parties, secrets, strict=True):
            party.commitment = commitment(secret).hex()
        with self.assertRaisesRegex(UserError, "stays once given"):
            parties[0].commitment = "00" * 32
        self.freeze(raffle)
        published = raffle.step_ids.filtered(lambda step: step.kind == "freeze")._read_content()
        self.assertEqual(published["commitments"], parties.mapped("commitment"))
        swapped = {parties[0].id: secrets[1].hex(), parties[1].id: secrets[0].hex()}
        with self.at(DRAWN):
            for wrong in (swapped, {parties[0].id: secrets[0].hex()}, {}):
                with self.assertRaisesRegex(UserError, "Nothing was drawn"):
                    raffle._draw_parties(wrong)
            with self.assertRaisesRegex(UserError, "as its rules say"):
                raffle._draw_beacon(**signature(), source="")
            draw = self.env["club.raffle.draw"].with_context(default_raffle_id=raffle.id).create({})
            self.assertEqual(draw.reveal_ids.party_id, parties)
            for reveal, secret in zip(draw.reveal_ids, secrets, strict=True):
                reveal.secret = secret.hex()
            draw.action_confirm()
        self.assertEqual(raffle.state, "done" if not raffle.winner_ids else "drawn")
        self.assertEqual(self.verify(*(raffle._get_published_file(n)[0] for n in ("proof.json", "tickets.txt")))[0], 0)
        self.assertInvariantsHold()
