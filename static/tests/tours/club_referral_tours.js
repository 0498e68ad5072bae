/** A friend comes through a member's link, joins, and both see their points. */
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("club_friend_joins_through_a_link", {
    steps: () => [
        {
            content: "The invitation says what one gets, and the visit was confirmed",
            trigger: "[data-club-sent='1']:contains(20 points for joining through a friend's link)",
        },
        {
            content: "Join",
            trigger: "a[name=club_invite_go]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "No account yet",
            trigger: "#wrap a[href*='/web/signup']:contains(Create an account)",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "form.oe_signup_form input[name=name]", run: "edit Rosa Weber" },
        { trigger: "input[name=login]", run: "edit rosa.weber@example.com" },
        { trigger: "input[name=password]", run: "edit rosa.weber@example.com" },
        { trigger: "input[name=confirm_password]", run: "edit rosa.weber@example.com" },
        {
            content: "Sign up",
            trigger: "form.oe_signup_form button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        { content: "Back on the page to join", trigger: "#club_terms:not(:checked)", run: "check" },
        {
            content: "Join now",
            trigger: "form[action^='/club/join/'] button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        { content: "The friend sees the points", trigger: "[name=club_points]:contains(20 Points)" },
        {
            content: "They are in the history, too",
            trigger: "a[href$='/history']",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "#wrap:contains(You came through a friend)" },
    ],
});

tours.add("club_member_sees_the_friend", {
    steps: () => [
        { trigger: "[name=club_points]:contains(53 Points)" },
        {
            content: "Open the page of friends",
            trigger: "[name=club_links] a[href$='/refer']",
            run: "click",
            expectUnloadPage: true,
        },
        { content: "Who visited", trigger: "[name=club_visits]:contains(1)" },
        { content: "Who joined", trigger: "[name=club_joined]:contains(1)" },
        { content: "What it earned", trigger: "[name=club_earned]:contains(53 Points)" },
        {
            content: "The first name and nothing else",
            trigger: "[name=club_friend]:contains(Rosa):contains(+50 Points):not(:contains(Weber))",
        },
        { content: "The link can be copied", trigger: ".o_club_copy", run: "click" },
        {
            content: "It is copied, or selected where a browser refuses (as one without a person does)",
            trigger: ".o_club_copied:not(.d-none), .o_club_copy_self:not(.d-none)",
        },
    ],
});
