// The ledger's filter.
(() => {
  const { each, whenReady } = globalThis.scalelab;

  const ledger = (form) => {
    const list = form.parentElement;
    form.addEventListener("input", () => {
      const wanted = [...form.querySelectorAll("select")].filter((menu) => menu.value);
      const items = [...list.querySelectorAll("li")];
      items.forEach((item) => {
        item.hidden = !wanted.every((menu) => item.dataset[menu.dataset.key] === menu.value);
      });
      const left = items.filter((item) => !item.hidden).length;
      form.querySelector(".sl-note").textContent = `${left} of ${items.length} claims`;
    });
  };

  whenReady(() => each(".sl-filters", ledger));
})();
