// One switch for all code of a page, remembered for all pages.
(() => {
  const { each, whenReady, store } = globalThis.scalelab;

  const folding = (article) => {
    const folded = [...article.querySelectorAll("details.hide.above-input")];
    if (!folded.length) return;
    const box = document.createElement("input");
    box.type = "checkbox";
    const label = document.createElement("label");
    label.className = "sl-codes";
    label.append(box, " show all code");
    const set = (open) => folded.forEach((details) => (details.open = open));
    box.checked = store.read("code") === true;
    if (box.checked) set(true);
    box.addEventListener("change", () => {
      store.write("code", box.checked);
      set(box.checked);
    });
    article.querySelector("h1")?.after(label);
  };

  whenReady(() => each(".bd-article", folding));
})();
