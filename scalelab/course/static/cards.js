// Cards that open over a term or a citation, by mouse and by keyboard; Escape closes them.
(() => {
  const { each, whenReady } = globalThis.scalelab;

  // A citation has its reference as a title, which a keyboard cannot open.
  const citation = (link) => {
    const card = document.createElement("span");
    card.className = "sl-card";
    card.setAttribute("role", "tooltip");
    card.id = `cited-${Math.random().toString(36).slice(2)}`;
    card.textContent = link.title;
    link.removeAttribute("title");
    const box = document.createElement("span");
    box.className = "sl-with-card";
    link.replaceWith(box);
    box.append(link, card);
  };

  const card = (box) => {
    const link = box.querySelector("a"), tip = box.querySelector(".sl-card");
    link.setAttribute("aria-describedby", tip.id);
    const place = () => { // within the page
      box.removeAttribute("data-shut");
      tip.style.left = "0px";
      const over = tip.getBoundingClientRect().right - document.documentElement.clientWidth + 8;
      if (over > 0) tip.style.left = `${-over}px`;
    };
    ["mouseenter", "focusin"].forEach((kind) => box.addEventListener(kind, place));
  };

  whenReady(() => {
    each('.bd-article a[href*="bibliography.html#"][title]', citation);
    each(".sl-with-card", card);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll(".sl-with-card").forEach((box) => (box.dataset.shut = ""));
  });
})();
