// Predictions: the answer stays shut until the reader has kept a guess or asks to be shown. And the
// page of estimates: how often the ranges held.
(() => {
  const { each, whenReady, parse, shown, store } = globalThis.scalelab;
  const key = (name) => `predict:${name}`;

  const verdict = (paragraph, kept) => {
    const { unit, shown: given } = paragraph.dataset;
    const value = Number(paragraph.dataset.actual);
    const ranged = typeof kept.low === "number";
    let text = `The run gives ${given} ${unit}; your guess was ${shown(kept.guess)}`;
    if (ranged) {
      const held = kept.low <= value && value <= kept.high ? "held" : "did not hold";
      text += `, your range ${shown(kept.low)} to ${shown(kept.high)} ${held}`;
    }
    if (kept.guess > 0 && value > 0 && kept.guess !== value) {
      const factor = Math.max(kept.guess / value, value / kept.guess);
      text += `, your guess was off by a factor of ${factor.toPrecision(3)}`;
    }
    return `${text}.`;
  };

  // Open what a prediction keeps shut, and set the guess beside the answer.
  const open = (name) => {
    const kept = store.read(key(name)) ?? {};
    document.querySelectorAll(".sl-gated").forEach((gate) => {
      if (gate.dataset.gate === name) gate.dataset.open = "";
    });
    document.querySelectorAll(".sl-compare").forEach((paragraph) => {
      if (paragraph.dataset.name !== name || typeof kept.guess !== "number") return;
      paragraph.textContent = verdict(paragraph, kept);
      if (!("actual" in kept)) store.write(key(name), { ...kept, actual: Number(paragraph.dataset.actual) });
    });
    dispatchEvent(new Event("resize")); // pictures that were shut have a width now
  };

  const read = (fields) => {
    const parts = Object.fromEntries(fields.map((field) => [field.dataset.part, parse(field.value)]));
    const ranged = fields.some((field) => field.dataset.part !== "guess" && field.value.trim());
    return ranged ? parts : { guess: parts.guess };
  };

  const fault = (guess) => {
    if (guess.guess === null) return "Type a number first, or press Show me.";
    if (guess.low === null || guess.high === null) return "A range has two ends: give both, or none.";
    if (guess.low > guess.guess || guess.guess > guess.high) return "Your guess should lie inside your range.";
    return "";
  };

  const prediction = (form) => {
    const { name, unit } = form.dataset;
    const fields = [...form.querySelectorAll("input")];
    const note = form.querySelector(".sl-note[role=status]");
    const close = (text) => {
      form.querySelectorAll("input, button").forEach((element) => (element.disabled = true));
      note.textContent = text;
      open(name);
    };
    const kept = store.read(key(name));
    if (kept) {
      fields.forEach((field) => (field.value = kept[field.dataset.part] ?? ""));
      form.querySelector("details").open = typeof kept.low === "number";
      close(kept.shown ? "You asked to be shown." : "Your guess is kept on this device.");
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const guess = read(fields);
      const wrong = fault(guess);
      if (wrong) return (note.textContent = wrong);
      const saved = store.write(key(name), { ...guess, unit, at: Date.now() });
      close(saved ? "Kept on this device. Read on to see how it did." : "Noted for this page only: the browser keeps no data for it.");
      if (!saved) document.querySelectorAll(".sl-compare").forEach((p) => p.dataset.name === name && (p.textContent = verdict(p, guess)));
    });
    form.querySelector(".sl-show").addEventListener("click", () => {
      store.write(key(name), { shown: true, at: Date.now() });
      close("You asked to be shown. It counts for nothing.");
    });
  };

  // The page of estimates ------------------------------------------------------------------------

  const guesses = () =>
    store.names("predict")
      .map((name) => ({ name: name.slice("predict:".length), ...store.read(name) }))
      .filter((kept) => typeof kept.guess === "number" && typeof kept.actual === "number")
      .sort((a, b) => (a.at ?? 0) - (b.at ?? 0));

  const held = (kept) => kept.low <= kept.actual && kept.actual <= kept.high;

  const tally = (kept) => {
    const ranged = kept.filter(({ low }) => typeof low === "number");
    const logs = kept
      .filter(({ guess, actual }) => guess > 0 && actual > 0)
      .map(({ guess, actual }) => Math.abs(Math.log(guess / actual)));
    const factor = logs.length ? Math.exp(logs.reduce((a, b) => a + b, 0) / logs.length) : null;
    return { guesses: kept.length, ranges: ranged.length, held: ranged.filter(held).length, factor };
  };

  const row = (cells, names) => {
    const line = document.createElement("tr");
    cells.forEach((text, i) => {
      const cell = document.createElement(i ? "td" : "th");
      if (i) cell.className = "sl-number";
      else cell.scope = "row";
      cell.dataset.label = names[i];
      cell.textContent = text;
      line.append(cell);
    });
    return line;
  };

  const estimates = (box) => {
    const parts = JSON.parse(box.dataset.parts); // prefix of a prediction's name: part of the book
    const [body, said, file] = ["tbody", ".sl-note[role=status]", "input[type=file]"].map((s) => box.querySelector(s));
    const names = [...box.querySelectorAll("thead th")].map((cell) => cell.textContent);
    const partOf = (name) => parts.find(([prefix]) => name.startsWith(prefix))?.[1] ?? "Other";

    const show = () => {
      const all = guesses(), halves = Math.ceil(all.length / 2);
      const groups = [["All", all]];
      [...new Set(parts.map(([, part]) => part))].forEach((part) =>
        groups.push([part, all.filter(({ name }) => partOf(name) === part)]),
      );
      if (all.length > 3) groups.push(["The first half", all.slice(0, halves)], ["The second half", all.slice(halves)]);
      body.replaceChildren(
        ...groups
          .filter(([name, kept]) => name === "All" || kept.length)
          .map(([name, kept]) => {
            const { guesses: n, ranges, held: m, factor } = tally(kept);
            return row([name, n, ranges ? `${m} of ${ranges}` : "–", factor ? `${factor.toPrecision(3)} ×` : "–"], names);
          }),
      );
      const { ranges, held: m } = tally(all);
      said.textContent = !all.length
        ? "No guess is kept on this device yet."
        : `Of your ${ranges} ranges ${m} held; nine in ten would be ${Math.round(0.9 * ranges)}.`;
    };

    const exported = () => {
      const predictions = {};
      guesses().forEach(({ name, guess, low, high, unit, actual }) => {
        predictions[name] = { guess, unit: unit ?? "", actual, ...(typeof low === "number" ? { low, high } : {}) };
      });
      return JSON.stringify({ version: Number(box.dataset.version), predictions, exercises: {}, quizzes: {} }, null, 1);
    };

    box.querySelector(".sl-export").addEventListener("click", () => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([exported()], { type: "application/json" }));
      link.download = "progress.json";
      link.click();
      URL.revokeObjectURL(link.href);
    });
    file.addEventListener("change", async () => {
      let found = 0;
      try {
        const { predictions } = JSON.parse(await file.files[0].text());
        Object.entries(predictions).forEach(([name, { guess, low, high, unit, actual }]) => {
          if (typeof guess !== "number" || typeof actual !== "number" || store.read(key(name))?.guess !== undefined) return;
          store.write(key(name), { guess, low, high, unit, actual, at: Date.now() });
          found += 1;
        });
        show();
        said.textContent += ` ${found} came from the file; what was here already has stayed.`;
      } catch {
        said.textContent = "This is no progress file.";
      }
    });
    box.querySelector(".sl-clear").addEventListener("click", () => {
      store.names("predict").forEach(store.forget);
      show();
    });
    show();
  };

  whenReady(() => {
    each(".sl-predict[data-name]", prediction);
    each(".sl-estimates[data-parts]", estimates);
  });
})();
