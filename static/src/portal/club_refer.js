import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/** Tells the server that an invitation was shown to a person: once the page is visible, and stays so for a moment. */
export class ClubInviteSeen extends Interaction {
    static selector = "[data-club-seen]";

    start() {
        if (document.prerendering) {
            this.addListener(document, "prerenderingchange", () => this.whenVisible());
        } else {
            this.whenVisible();
        }
    }

    whenVisible() {
        if (document.visibilityState === "visible") {
            this.waitForTimeout(() => this.send(), 700);
        } else {
            this.addListener(document, "visibilitychange", () => this.whenVisible(), { once: true });
        }
    }

    async send() {
        if (this.sent) {
            return;
        }
        this.sent = true;
        const body = new FormData();
        body.append("csrf_token", odoo.csrf_token);
        body.append("token", this.el.dataset.clubToken);
        try {
            await this.waitFor(fetch(this.el.dataset.clubSeen, { method: "POST", body, keepalive: true }));
            this.el.dataset.clubSent = "1";
        } catch {
            this.el.dataset.clubSent = "0"; // without network the visit does not count, and nothing else changes
        }
    }
}

/** Copies the member's link, and offers the phone's own way of sharing where there is one. */
export class ClubShare extends Interaction {
    static selector = ".o_club_share";
    dynamicContent = {
        ".o_club_copy": { "t-on-click": this.copy },
        ".o_club_send": { "t-on-click": this.share, "t-att-class": () => ({ "d-none": !navigator.share }) },
    };

    async copy() {
        const input = this.el.querySelector("input");
        input.select();
        const copied = document.execCommand("copy") || (await this.waitFor(this.write(input.value)));
        this.el.querySelector(".o_club_copied").classList.toggle("d-none", !copied);
        this.el.querySelector(".o_club_copy_self").classList.toggle("d-none", copied);
    }

    /** Some browsers refuse to write to the clipboard, and some ask and never answer. */
    async write(text) {
        const waited = new Promise((resolve) => setTimeout(() => resolve(false), 1500));
        try {
            return await Promise.race([navigator.clipboard.writeText(text).then(() => true), waited]);
        } catch {
            return false;
        }
    }

    async share() {
        const { title, text } = this.el.dataset;
        try {
            await this.waitFor(navigator.share({ title, text, url: this.el.querySelector("input").value }));
        } catch {
            // Closed without sharing: nothing to tell.
            this.el.querySelector("input").focus();
        }
    }
}

registry.category("public.interactions").add("customer_club.invite_seen", ClubInviteSeen);
registry.category("public.interactions").add("customer_club.share", ClubShare);
