import { registry } from "@web/core/registry";

const search = (query) => [
    { content: "the field is ready", trigger: ".o_club_counter_field:enabled", run: `edit ${query}` },
    { content: "Enter, as a scanner does", trigger: ".o_club_counter_field", run: "press Enter" },
];

// A stranger becomes a member by a telephone number, buys, is asked, checks in; the last thing is undone.
registry.category("web_tour.tours").add("club_counter_journey", {
    steps: () => [
        ...search("Nobody Known"),
        { content: "nobody, in words", trigger: ".o_club_counter_note:contains('Nobody Known')" },
        ...search("030 98765432"),
        { content: "a new number", trigger: ".o_club_counter_enrol h2:contains('+493098765432')" },
        { content: "marketing is not ticked", trigger: "#club_counter_marketing:not(:checked)" },
        // A double line feed of a scanner must not give consent: the button works after a moment only.
        { content: "wait a moment", trigger: ".o_club_counter_do_enrol:contains('Agrees to the terms')", run: async () => new Promise((resolve) => setTimeout(resolve, 700)) },
        { content: "agrees and enrols", trigger: ".o_club_counter_do_enrol", run: "click" },
        { content: "is welcome", trigger: ".o_club_counter_message:contains('Welcome')" },
        { content: "the focus is back in the field", trigger: ".o_club_counter_field:focus" },
        { content: "the name, now", trigger: "#club_counter_new_name", run: "edit Nadja Neu" },
        { content: "save it", trigger: "form:has(#club_counter_new_name) button", run: "click" },
        { content: "named", trigger: ".o_club_counter_member h2:contains('Nadja Neu')" },

        { content: "a sale", trigger: ".o_club_counter_do_sale", run: "click" },
        { content: "what it costs", trigger: "#club_counter_amount", run: "edit 45,50" },
        { content: "what it will earn, before", trigger: ".o_club_counter_earns:contains('+45')" },
        { content: "to pay", trigger: ".o_club_counter_total:contains('45.50')" },
        { content: "paid", trigger: ".o_club_counter_pay:contains('Tour Till')", run: "click" },
        { content: "what it earned, after", trigger: ".o_club_counter_earned:contains('+45')" },
        { content: "with ten for coming", trigger: ".o_club_counter_points:contains('55')" },
        { content: "the question is asked", trigger: ".o_club_counter_question:contains('What is the occasion?')" },
        { content: "our anniversary", trigger: ".o_club_counter_question button:contains('Our anniversary')", run: "click" },
        { content: "today", trigger: ".o_club_counter_question form button", run: "click" },
        { content: "kept", trigger: ".o_club_counter_message:contains('every year')" },
        { content: "one thing to say", trigger: ".o_club_counter_say:contains('Anniversary is today')" },
        { content: "asked once", trigger: ".o_club_counter:not(:has(.o_club_counter_question))" },

        { content: "points for the next sale", trigger: ".o_club_counter_do_spend", run: "click" },
        { content: "ten euros", trigger: "#club_counter_amount", run: "edit 10" },
        { content: "with points", trigger: ".o_club_counter_reward:contains('per point'):enabled", run: "click" },
        { content: "fifty of them", trigger: "#club_counter_points", run: "edit 50" },
        { content: "less to pay", trigger: ".o_club_counter_total:contains('9.50')" },
        { content: "paid", trigger: ".o_club_counter_pay:contains('Tour Till')", run: "click" },
        { content: "fewer points", trigger: ".o_club_counter_points:contains('14')" },
        { content: "undo", trigger: ".o_club_counter_undo", run: "click" },
        { content: "pay it back", trigger: ".o_club_counter_message:contains('pay back')" },
        { content: "points are back", trigger: ".o_club_counter_points:contains('55')" },

        { content: "Escape clears", trigger: ".o_club_counter_field", run: "press Escape" },
        { content: "nobody is shown", trigger: ".o_club_counter:not(:has(.o_club_counter_member))" },
        ...search("Tour Anna"),
        { content: "another member", trigger: ".o_club_counter_member h2:contains('Tour Anna')" },
        { content: "comes", trigger: ".o_club_counter_do_check_in", run: "click" },
        { content: "earns", trigger: ".o_club_counter_message:contains('+10')" },
        { content: "no, it was somebody else", trigger: ".o_club_counter_last:contains('Tour Anna') .o_club_counter_undo", run: "click" },
        { content: "undone", trigger: ".o_club_counter_message:contains('undone')" },
        { content: "nothing is left", trigger: ".o_club_counter_points:contains(/^0/)" },
    ],
});

// The first answer gets lost on the way. The button says so, everything is still there, and the retry sells once.
registry.category("web_tour.tours").add("club_counter_lost_answer", {
    steps: () => [
        ...search("Tour Anna"),
        { content: "a sale", trigger: ".o_club_counter_do_sale", run: "click" },
        { content: "what it costs", trigger: "#club_counter_amount", run: "edit 20" },
        { content: "to pay", trigger: ".o_club_counter_total:contains('20.00')" },
        {
            content: "the network swallows the answer, after the server has worked",
            trigger: ".o_club_counter_pay:contains('Tour Till')",
            run: () => {
                const send = XMLHttpRequest.prototype.send;
                const { open } = XMLHttpRequest.prototype;
                let selling = false;
                XMLHttpRequest.prototype.open = function (method, url, ...rest) {
                    selling = url.includes("club.counter/sell");
                    return open.call(this, method, url, ...rest);
                };
                XMLHttpRequest.prototype.send = function (body) {
                    if (!selling) {
                        return send.call(this, body);
                    }
                    Object.assign(XMLHttpRequest.prototype, { open, send });
                    const twin = new XMLHttpRequest();
                    twin.open("POST", "/web/dataset/call_kw/club.counter/sell");
                    twin.setRequestHeader("Content-Type", "application/json");
                    twin.addEventListener("loadend", () => this.dispatchEvent(new ProgressEvent("error")));
                    twin.send(body);
                };
            },
        },
        { content: "paid", trigger: ".o_club_counter_pay:contains('Tour Till')", run: "click" },
        { content: "no answer, in words", trigger: ".o_club_counter_sale .alert-danger:contains('try again')" },
        { content: "nothing is lost", trigger: "#club_counter_amount:disabled:value(20)" },
        { content: "nor cleared by accident", trigger: ".o_club_counter_pay", run: "press Escape" },
        { content: "try again", trigger: ".o_club_counter_pay:contains('Try again')", run: "click" },
        { content: "sold", trigger: ".o_club_counter_earned:contains('+20')" },
        { content: "once", trigger: ".o_club_counter_points:contains('30')" },
    ],
});
