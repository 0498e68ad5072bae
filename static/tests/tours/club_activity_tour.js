/** A member is asked step by step, skips, corrects, comes back, and sees what it has earned. */
import { registry } from "@web/core/registry";

const saveAndGoOn = () => ({
    trigger: "form[name=club_profile_step] button[type=submit]",
    run: "click",
    expectUnloadPage: true,
});

registry.category("web_tour.tours").add("club_complete_profile", {
    url: "/my/club",
    steps: () => [
        {
            content: "The page says what is missing and what it would earn",
            trigger: "section[name=club_profile_meter]:contains(+50 Points when it is complete)",
        },
        {
            trigger: "section[name=club_profile_meter] a:contains(Complete it step by step)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "One thing is asked: a number, and it is none",
            trigger: "[name=club_question]:contains(Mobile number) input[type=tel]",
            run: "edit 12",
        },
        saveAndGoOn(),
        {
            content: "What is wrong is said, and what was typed is still there",
            trigger: ".alert-danger:contains(is not a telephone number)",
        },
        {
            trigger: "[name=club_question] input[type=tel]:value(12)",
            run: "edit +49 30 123456",
        },
        saveAndGoOn(),
        { trigger: ".alert-success:contains(Saved, thank you.)" },
        { trigger: "[name=club_profile_percent]:contains(40% complete)" },
        {
            content: "Not now",
            trigger: "a[name=club_profile_skip]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Two things that belong together",
            trigger: "[name=club_question]:contains(Postal code) input",
            run: "edit 10115",
        },
        {
            trigger: "[name=club_question]:contains(City) input",
            run: "edit Berlin",
        },
        saveAndGoOn(),
        {
            content: "What was skipped is named",
            trigger: "[name=club_profile_later]:contains(Birthday)",
        },
        {
            trigger: "a:contains(Ask me again)",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "[name=club_question]:contains(Birthday) input[name^=day_]", run: "edit 5" },
        { trigger: "[name=club_question] input[name^=month_]", run: "edit 6" },
        saveAndGoOn(),
        { trigger: ".alert-success:contains(You have earned 50 Points)" },
        { trigger: "[name=club_profile_done]" },
        {
            trigger: "a:contains(To your points)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The points are there, the meter is gone",
            trigger: "[name=club_points]:text(50 Points)",
        },
        { trigger: "body:not(:has(section[name=club_profile_meter]))" },
        {
            content: "Being here counts",
            trigger: "[name=club_streak]:contains(3 weeks in a row on the account page; one more week for 20 Points)",
        },
    ],
});
