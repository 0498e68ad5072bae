/** @odoo-module ignore **/
/* Shows the club's notifications, and opens pages of this site only. It keeps nothing and answers no requests. */

const home = "/my/club";

/** A page of our own site: whatever else a message names, the member's pages. */
function ownPage(path) {
    try {
        const url = new URL(path, self.location.origin);
        return url.origin === self.location.origin ? url.href : self.location.origin + home;
    } catch {
        return self.location.origin + home;
    }
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
    let told = {};
    try {
        told = event.data.json() || {};
    } catch {
        // Browsers demand that every message shows something.
    }
    event.waitUntil(
        self.registration.showNotification(String(told.title || self.location.hostname), {
            body: String(told.body || ""),
            tag: String(told.tag || "club"),
            icon: ownPage(told.icon || "/logo.png"),
            lang: String(told.lang || ""),
            dir: ["ltr", "rtl"].includes(told.dir) ? told.dir : "auto",
            data: { path: String(told.path || home) },
        })
    );
});

self.addEventListener("notificationclick", (event) => {
    event.notification.close();
    event.waitUntil(self.clients.openWindow(ownPage((event.notification.data || {}).path || home)));
});
