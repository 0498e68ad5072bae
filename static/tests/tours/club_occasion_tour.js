/** A member tells the club of two days and takes one of them back. */
import { registry } from "@web/core/registry";

const submit = (trigger) => ({ trigger, run: "click", expectUnloadPage: true });
const form = "form[name=club_add_occasion]";

registry.category("web_tour.tours").add("club_occasions", {
    steps: () => [
        {
            content: "Nothing is there yet",
            trigger: "section:contains(You have told us no day yet)",
        },
        { trigger: `${form} select[name=what]`, run: "select mother" },
        { trigger: `${form} input[name=name]`, run: "edit Sara" },
        { trigger: `${form} input[name=day]`, run: "edit 24" },
        { trigger: `${form} input[name=month]`, run: "edit 5" },
        submit(`${form} button[type=submit]`),
        {
            content: "The day stands there as one would say it",
            trigger: "[name=club_occasion] strong:contains(Your mother's birthday (Sara))",
        },
        { trigger: `${form} select[name=what]`, run: "select birthday" },
        { trigger: `${form} input[name=day]`, run: "edit 31" },
        { trigger: `${form} input[name=month]`, run: "edit 4" },
        submit(`${form} button[type=submit]`),
        {
            content: "What cannot be is refused, and what was typed stays",
            trigger: ".alert-danger:contains(There is no day 31)",
        },
        { trigger: `${form} input[name=day]:value(31)`, run: "edit 30" },
        submit(`${form} button[type=submit]`),
        {
            content: "Remove the first",
            trigger: "[name=club_occasion]:contains(Sara) button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".alert-success:contains(Your day is removed)",
        },
        {
            content: "The birthday is left, and cannot be added twice",
            trigger: `body:not(:has([name=club_occasion]:contains(Sara))):not(:has(${form} option[value=birthday]))`,
        },
    ],
});
