// Explorers: the frame that belongs to where the controls stand.
(() => {
  const { each, whenReady } = globalThis.scalelab;

  const explorer = (figure) => {
    const { images, texts } = JSON.parse(figure.dataset.frames);
    const sliders = [...figure.querySelectorAll("input[type=range]")];
    const pictures = [figure.querySelector("img.only-light"), figure.querySelector("img.only-dark")];
    const caption = figure.querySelector("figcaption");
    const update = () => {
      let index = 0;
      sliders.forEach((slider) => {
        const value = String(JSON.parse(slider.dataset.values)[slider.value]);
        slider.nextElementSibling.textContent = value;
        slider.setAttribute("aria-valuetext", value);
        index = index * (Number(slider.max) + 1) + Number(slider.value);
      });
      pictures.forEach((picture, theme) => {
        picture.src = images[index][theme];
        picture.alt = `${figure.dataset.alt} ${texts[index]}`;
      });
      caption.textContent = texts[index];
    };
    sliders.forEach((slider) => slider.addEventListener("input", update));
    // A browser may restore a slider after a reload: the frame follows it.
    if (sliders.some((slider) => slider.value !== slider.defaultValue)) update();
  };

  whenReady(() => each(".sl-explore", explorer));
})();
