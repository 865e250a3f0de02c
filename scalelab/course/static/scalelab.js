// What the course's pages do without a kernel: predictions, quizzes, explorers, the ledger's filter.
// Each part finds its elements, and touches each once, so it may run many times on one page.
(() => {
  const each = (selector, act) =>
    document.querySelectorAll(`${selector}:not([data-ready])`).forEach((element) => {
      element.dataset.ready = "";
      act(element);
    });

  const parse = (text) => {
    const value = Number(text.trim().replace(/,/g, "").replace(/[−–]/g, "-"));
    return text.trim() === "" || !Number.isFinite(value) ? null : value;
  };

  const shown = (value) =>
    value.toLocaleString("en", { maximumSignificantDigits: 4 });

  // A private window may refuse storage: the page then works, and forgets.
  const store = {
    read(name) {
      try {
        return JSON.parse(localStorage.getItem(`scalelab:${name}`));
      } catch {
        return null;
      }
    },
    write(name, value) {
      try {
        localStorage.setItem(`scalelab:${name}`, JSON.stringify(value));
        return true;
      } catch {
        return false;
      }
    },
  };

  const compare = (paragraph) => {
    const { name, actual, unit } = paragraph.dataset;
    const kept = store.read(`predict:${name}`);
    if (!kept) return;
    const value = Number(actual);
    const held = kept.low <= value && value <= kept.high ? "held" : "did not hold";
    let text = `The run gives ${paragraph.dataset.shown} ${unit}; your guess was ${shown(kept.guess)}, `;
    text += `your range ${shown(kept.low)} to ${shown(kept.high)} ${held}`;
    if (kept.guess > 0 && value > 0 && kept.guess !== value) {
      const factor = Math.max(kept.guess / value, value / kept.guess);
      text += `, your guess was off by a factor of ${factor.toPrecision(3)}`;
    }
    paragraph.textContent = `${text}.`;
  };

  const prediction = (form) => {
    const { name } = form.dataset;
    const fields = [...form.querySelectorAll("input")];
    const note = form.querySelector(".sl-note");
    const kept = store.read(`predict:${name}`);
    if (kept) fields.forEach((field) => (field.value = kept[field.dataset.part]));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const guess = Object.fromEntries(fields.map((f) => [f.dataset.part, parse(f.value)]));
      if (Object.values(guess).some((value) => value === null)) {
        note.textContent = "Three numbers, please: your guess, and the range that you would bet on.";
      } else if (!(guess.low <= guess.guess && guess.guess <= guess.high)) {
        note.textContent = "Your guess should lie inside your range.";
      } else {
        const saved = store.write(`predict:${name}`, guess);
        note.textContent = saved
          ? "Kept on this device. Read on to see how it did."
          : "Noted for this page only: the browser keeps no data for it.";
        document.querySelectorAll(".sl-compare").forEach((p) => p.dataset.name === name && compare(p));
      }
    });
  };

  const say = (form, right, html) => {
    const box = form.querySelector(".sl-feedback");
    box.dataset.right = right;
    box.innerHTML = `<strong>${right ? "Right." : "Not quite."}</strong> ${html}`;
  };

  // In a notebook a hidden field takes each answer to the kernel, which keeps it with the progress.
  const keep = (form, answer, right) => {
    const { chapter } = form.closest(".sl-quiz").dataset;
    const field = document.querySelector(`.sl-carrier-${chapter} input`);
    if (!field) return;
    const said = { question: form.dataset.name, answer, right, at: Date.now() };
    field.value = JSON.stringify(said);
    ["input", "change"].forEach((kind) => field.dispatchEvent(new Event(kind, { bubbles: true })));
  };

  // JupyterLab keeps the keys of a focused cell for itself: Enter is sent on by hand there.
  const keys = (form) => {
    form.addEventListener("keydown", (event) => {
      if (event.target.tagName !== "INPUT") return;
      if (event.key === "Enter") {
        event.preventDefault();
        form.requestSubmit();
      }
      if (event.key === "Enter" || event.key.startsWith("Arrow")) event.stopPropagation();
    });
  };

  const choice = (form) => {
    keys(form);
    const options = JSON.parse(form.dataset.options);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const boxes = [...form.querySelectorAll("input")];
      const chosen = boxes.filter((box) => box.checked).map((box) => Number(box.value));
      if (chosen.length === 0) return say(form, false, "Choose an answer first.");
      const missing = options.filter((option, i) => option.right && !chosen.includes(i)).length;
      const right = missing === 0 && chosen.every((i) => options[i].right);
      keep(form, boxes.filter((box) => box.checked).map((box) => box.nextElementSibling.textContent).join("; "), right);
      let html = chosen.map((i) => options[i].text).join(" ");
      if (!right && chosen.every((i) => options[i].right)) html += " Something is missing.";
      say(form, right, html);
    });
  };

  const numeric = (form) => {
    keys(form);
    const variants = JSON.parse(form.dataset.variants);
    let current = 0;
    const near = (value, target, share) => Math.abs(value - target) <= Math.abs(target) * share + 1e-12;
    form.querySelector(".sl-another").addEventListener("click", () => {
      current = (current + 1) % variants.length;
      form.querySelector(".sl-prompt").innerHTML = variants[current].prompt;
      form.querySelector("input").value = "";
      form.querySelector(".sl-feedback").textContent = "New numbers above.";
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const { answer, tolerance, solution, traps } = variants[current];
      const value = parse(form.querySelector("input").value);
      if (value === null) return say(form, false, "Type a number, without its unit.");
      keep(form, String(value), near(value, answer, tolerance));
      if (near(value, answer, tolerance)) return say(form, true, solution);
      const trap = traps.find((t) => near(value, t.value, tolerance));
      say(form, false, trap ? trap.feedback : "Write the quantities down with their units, then try again.");
    });
  };

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

  const start = () => {
    each(".sl-predict", prediction);
    each(".sl-compare", compare);
    each('.sl-question[data-kind="choice"]', choice);
    each('.sl-question[data-kind="numeric"]', numeric);
    each(".sl-explore", explorer);
    each(".sl-filters", ledger);
  };

  // A notebook runs this once for each result that it shows, after the result is in the page.
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else setTimeout(start);
})();
