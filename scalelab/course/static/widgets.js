// The sliders of ipywidgets have no name and read out a place in a list: each gets its label as its
// name, and says what stands beside it. Once is enough for all explorers of a notebook.
globalThis.scalelabWidgets ??= (() => {
  const set = (element, name, value) =>
    element.getAttribute(name) === value || element.setAttribute(name, value);

  const nameAll = () =>
    document.querySelectorAll(".sl-explorer .widget-slider").forEach((slider) => {
      const handle = slider.querySelector("[role=slider]");
      const [label, readout] = [".widget-label", ".widget-readout"].map((s) => slider.querySelector(s));
      if (!handle || !label || !readout) return;
      set(handle, "aria-label", label.textContent);
      set(handle, "aria-valuetext", readout.textContent);
    });

  let asked = 0;
  new MutationObserver(() => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(nameAll);
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
  return nameAll();
})() ?? true;
