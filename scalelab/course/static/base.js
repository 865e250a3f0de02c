// What the parts of a page share: each finds its elements, and touches each once, so it may run many
// times on one page. A notebook runs all of it once for each result that it shows.
globalThis.scalelab ??= (() => {
  document.documentElement.classList.add("sl-js"); // so that the style may hide what a script opens

  const each = (selector, act) =>
    document.querySelectorAll(`${selector}:not([data-ready])`).forEach((element) => {
      element.dataset.ready = "";
      act(element);
    });

  const whenReady = (act) => {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", act);
    else setTimeout(act); // after the result is in the page
  };

  // A number as people write it: spaces, a comma or a point, a unit behind it.
  const parse = (text) => {
    let digits = text.trim().replace(/[\s\u00a0\u202f']/g, "").replace(/[−–]/g, "-");
    digits = digits.replace(/^[~≈$€]/, "").replace(/(?<=[\d.,])[^\d.,-]+$/, "");
    const [comma, point] = [digits.lastIndexOf(","), digits.lastIndexOf(".")];
    const groups = /^-?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/.test(digits); // 12,000 has no decimals
    if (groups || point > comma) digits = digits.replace(/,/g, "");
    else if (comma >= 0) digits = digits.replace(/\./g, "").replace(",", ".");
    const value = Number(digits);
    return digits === "" || !Number.isFinite(value) ? null : value;
  };

  const shown = (value) =>
    value.toLocaleString("en", { maximumSignificantDigits: 4 });

  // A private window may refuse storage: the page then works, and forgets.
  const prefix = "scalelab:";
  const store = {
    read(name) {
      try {
        return JSON.parse(localStorage.getItem(prefix + name));
      } catch {
        return null;
      }
    },
    write(name, value) {
      try {
        localStorage.setItem(prefix + name, JSON.stringify(value));
        return true;
      } catch {
        return false;
      }
    },
    names(kind) {
      try {
        return Object.keys(localStorage)
          .filter((key) => key.startsWith(`${prefix}${kind}:`))
          .map((key) => key.slice(prefix.length));
      } catch {
        return [];
      }
    },
    forget: (name) => localStorage.removeItem(prefix + name),
  };

  // JupyterLab keeps the keys of a focused cell for itself: Enter is sent on by hand there.
  const ownKeys = (form) =>
    form.addEventListener("keydown", (event) => {
      if (event.target.tagName !== "INPUT") return;
      if (event.key === "Enter") {
        event.preventDefault();
        form.requestSubmit();
      }
      if (event.key === "Enter" || event.key.startsWith("Arrow")) event.stopPropagation();
    });

  return { each, whenReady, parse, shown, store, ownKeys };
})();
