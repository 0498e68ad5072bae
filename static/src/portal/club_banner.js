import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

function send(address, values) {
    const body = new FormData();
    body.append("csrf_token", odoo.csrf_token);
    for (const [name, value] of Object.entries(values)) {
        body.append(name, value);
    }
    return fetch(address, { method: "POST", body });
}

/** Fills an empty place with the banner of this session: the page itself may come from a cache. */
export class ClubBannerPlace extends Interaction {
    static selector = ".o_club_banner_place";

    start() {
        this.fill();
    }

    async fill() {
        try {
            const response = await this.waitFor(send("/club/banner/show", { place: this.el.dataset.clubPlace }));
            const { html } = response.ok ? await this.waitFor(response.json()) : { html: "" };
            this.show(html);
        } catch {
            this.show(""); // without network the place stays empty, and nothing else changes
        }
    }

    show(html) {
        const template = document.createElement("template");
        template.innerHTML = html;
        const banner = template.content.firstElementChild;
        if (banner) {
            this.insert(banner, this.el);
        }
        this.el.dataset.clubFilled = banner ? "1" : "0";
        this.registerCleanup(() => delete this.el.dataset.clubFilled);
    }
}

/** Tells the server that a banner came into view: at least half of it, for a second. */
export class ClubBannerSeen extends Interaction {
    static selector = ".o_club_banner[data-club-banner]";

    start() {
        const observer = new IntersectionObserver((entries) => this.onSight(entries.at(-1).isIntersecting), {
            threshold: 0.5,
        });
        observer.observe(this.el);
        this.registerCleanup(() => observer.disconnect());
        this.registerCleanup(() => clearTimeout(this.timer));
    }

    onSight(isVisible) {
        clearTimeout(this.timer);
        if (isVisible && !this.told) {
            this.timer = setTimeout(() => this.tell(), 1000);
        }
    }

    async tell() {
        if (this.told || document.visibilityState !== "visible") {
            return;
        }
        this.told = true;
        const { clubBanner, clubPlace, clubToken } = this.el.dataset;
        try {
            await send("/club/banner/seen", { banner: clubBanner, place: clubPlace, token: clubToken || "" });
            this.el.dataset.clubSeen = "1";
        } catch {
            this.el.dataset.clubSeen = "0"; // it does not count then, and nothing else changes
        }
    }
}

registry.category("public.interactions").add("customer_club.banner_place", ClubBannerPlace);
registry.category("public.interactions").add("customer_club.banner_seen", ClubBannerSeen);
