import { registry } from "@web/core/registry";

/** A customer sees the banner that is theirs in the shop, and follows it. */
registry.category("web_tour.tours").add("club_banner_followed", {
    url: "/shop",
    steps: () => [
        {
            content: "the place is filled with the banner for gold",
            trigger: ".o_club_banner_place[data-club-filled='1'] .o_club_banner:contains(Only for gold)",
        },
        {
            content: "the banner is as high as its place was: nothing jumps",
            trigger: ".o_club_banner",
            run() {
                const place = document.querySelector(".o_club_banner_place").getBoundingClientRect();
                const banner = document.querySelector(".o_club_banner").getBoundingClientRect();
                if (Math.abs(place.height - banner.height) > 1 || banner.height < 50) {
                    throw new Error(`The place is ${place.height} high, the banner ${banner.height}`);
                }
            },
        },
        { content: "it came into view and was counted", trigger: ".o_club_banner[data-club-seen='1']" },
        { content: "follow it", trigger: ".o_club_banner a.btn", run: "click", expectUnloadPage: true },
        { content: "where the server says", trigger: "h1:contains(Rose Club)" },
    ],
});

/** A customer reads the statement of last year and takes it along. */
registry.category("web_tour.tours").add("club_statement_downloaded", {
    steps: () => [
        { content: "from the history", trigger: "a[name=club_statement]", run: "click", expectUnloadPage: true },
        { content: "choose a period", trigger: "select[name=period]", run: "select last_year" },
        {
            content: "show it",
            trigger: "form[name=club_statement_period] button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        { content: "the year's figures", trigger: "td:contains('Balance at the end') + td:contains(120)" },
        { content: "with charts", trigger: "img[src^='data:image/svg+xml']" },
        {
            content: "download it in every shape",
            trigger: "a[name=club_statement_pdf]",
            async run() {
                for (const [name, kind] of [
                    ["pdf", /pdf|html/],
                    ["xlsx", /spreadsheetml/],
                    ["csv", /csv/],
                ]) {
                    const link = document.querySelector(`a[name=club_statement_${name}]`);
                    const response = await fetch(link.href);
                    const body = await response.blob();
                    const type = response.headers.get("Content-Type");
                    const disposition = response.headers.get("Content-Disposition");
                    if (!response.ok || !kind.test(type) || !body.size || !disposition.startsWith("attachment")) {
                        throw new Error(`${name}: ${response.status} ${type} ${body.size}`);
                    }
                }
                document.body.dataset.clubDownloaded = "1";
            },
        },
        { content: "everything came", trigger: "body[data-club-downloaded='1']" },
    ],
});
