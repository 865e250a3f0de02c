// Mend what the theme leaves inaccessible (WCAG 2.2 A and AA, found with axe-core).
(() => {
  const mend = () => {
    // 2.5.3: a name must contain the visible text; 4.1.2: where there is none, there must be a name.
    document
      .querySelectorAll(".search-button-field[aria-label], summary[aria-label]")
      .forEach((element) => element.removeAttribute("aria-label"));
    document.querySelectorAll("summary").forEach((summary) => {
      if (!summary.textContent.trim()) summary.setAttribute("aria-label", "Pages of this part");
    });
    // ARIA 1.2 deprecates the role that docutils gives each entry of a list of sources.
    document
      .querySelectorAll("[role=doc-biblioentry]")
      .forEach((entry) => entry.setAttribute("role", "listitem"));
    // Code that scrolls must be reachable by keyboard, also what a gate kept shut until now.
    document.querySelectorAll("div.highlight pre").forEach((pre) => {
      const scrolls = pre.closest("details") || pre.scrollWidth > pre.clientWidth;
      if (scrolls && pre.tabIndex < 0) pre.tabIndex = 0;
    });
  };
  // What a search shows of a page are its words, not its buttons and its code.
  const plainWords = () => {
    if (typeof Search === "undefined") return;
    const whole = Search.htmlToText;
    Search.htmlToText = (html, anchor) => {
      const page = new DOMParser().parseFromString(html, "text/html");
      const left = ".bd-header-article, #jb-print-docs-body, .above-input, .cell_input, svg, script";
      page.querySelectorAll(left).forEach((part) => part.remove());
      return whole(page.documentElement.outerHTML, anchor);
    };
  };
  document.addEventListener("DOMContentLoaded", plainWords);
  // Paper is white and shows what is folded, but for code; afterwards all is as it was.
  const root = document.documentElement;
  let opened = [], theme = "";
  addEventListener("beforeprint", () => {
    theme ||= root.dataset.theme;
    root.dataset.theme = "light";
    const folded = document.querySelectorAll(".bd-article details:not([open], .above-input, .sl-script)");
    opened.push(...folded);
    folded.forEach((part) => (part.open = true));
  });
  addEventListener("afterprint", () => {
    opened.forEach((part) => (part.open = false));
    root.dataset.theme = theme;
    [opened, theme] = [[], ""];
  });
  document.addEventListener("DOMContentLoaded", mend);
  window.addEventListener("load", mend);
  window.addEventListener("resize", mend); // a gate that opens says so
})();
