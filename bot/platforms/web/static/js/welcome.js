// Joining: the code from an invite link, or typed by hand.
import { byId, el, toast } from "./dom.js";
import { t } from "./texts.js";

/** The code of an address that ends in #join=CODE, taken out of the address bar at once; else "". */
export function takeCode() {
  const found = /[#&]join=([\w-]{4,64})/.exec(location.hash);
  if (!found) return "";
  history.replaceState(null, "", location.pathname + location.search);
  return found[1];
}

/** Draw the welcome of somebody who has not joined; `join` is called with the code. */
export function drawWelcome(join) {
  const input = el("input", {
    id: "code", name: "code", "aria-label": t("code"), placeholder: t("code"), maxlength: "64", autocapitalize: "characters",
    autocomplete: "one-time-code", spellcheck: "false", enterkeyhint: "go",
  });
  const form = el("form", {
    onsubmit: (event) => {
      event.preventDefault();
      const code = input.value.trim();
      if (code) {
        input.value = "";
        join(code);
      } else {
        toast(t("codeMissing"));
        input.focus();
      }
    },
  }, input, el("button.button.primary", { type: "submit" }, t("join")));
  byId("welcome").replaceChildren(
    el("span.avatar.bot", { "aria-hidden": "true" }), el("h2", {}, t("welcome")), el("p", {}, t("welcomeHow")), form,
  );
}
