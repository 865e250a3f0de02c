// Quizzes: feedback on every option, a way out after two wrong answers, and a memory.
(() => {
  const { each, whenReady, parse, store, ownKeys } = globalThis.scalelab;
  const PATIENCE = 2; // wrong answers before the solution may be shown
  const quizOf = (form) => form.closest(".sl-quiz");
  const key = (form) => `quiz:${quizOf(form).dataset.chapter}/${form.dataset.name}`;
  // In a notebook a hidden field takes each answer to the kernel, which keeps it with the progress.
  const carrier = (form) => document.querySelector(`.sl-carrier-${quizOf(form).dataset.chapter} input`);
  const AGAIN_MS = 500;

  const say = (form, right, html) => {
    const box = form.querySelector(".sl-feedback");
    box.dataset.right = right;
    box.innerHTML = `<strong>${right ? "Right." : "Not quite."}</strong> ${html}`;
  };

  const ask = (form, text) => { // for what is missing: no verdict
    const box = form.querySelector(".sl-feedback");
    delete box.dataset.right;
    box.textContent = text;
  };

  // All that was said so far, for a kernel that is busy gets the field's last value alone. The field
  // may come after the quiz.
  const send = (form, said) => {
    const field = carrier(form);
    if (!field) return "carried" in quizOf(form).dataset && setTimeout(send, AGAIN_MS, form, said);
    field.value = JSON.stringify([...JSON.parse(field.value || "[]"), said]);
    ["input", "change"].forEach((kind) => field.dispatchEvent(new Event(kind, { bubbles: true })));
  };

  const keep = (form, answer, right) => {
    const field = carrier(form);
    send(form, { question: form.dataset.name, answer, right });
    const before = JSON.parse(form.dataset.answers ?? "[]");
    const day = Math.floor(Date.now() / 864e5);
    const answers = [...before, { answer: answer.slice(0, 200), right, day }];
    answers.splice(1, Math.max(0, answers.length - 50)); // as progress keeps them
    form.dataset.answers = JSON.stringify(answers);
    if (!field) store.write(key(form), answers);
    const wrong = answers.filter((each) => !each.right).length;
    form.querySelector(".sl-how").hidden = right || wrong < PATIENCE;
    score(quizOf(form));
  };

  const score = (quiz) => {
    const forms = [...quiz.querySelectorAll(".sl-question")];
    const said = forms.map((form) => JSON.parse(form.dataset.answers ?? "[]"));
    const done = said.filter((answers) => answers.length).length;
    const first = said.filter((answers) => answers[0]?.right).length;
    const again = forms.filter((form, i) => said[i].length && !said[i][0].right);
    const line = quiz.querySelector(".sl-score");
    if (!line) return; // a question of a review stands alone
    if (!done) return line.replaceChildren();
    line.replaceChildren(`${done} of ${forms.length} answered, ${first} right at the first try. `);
    const sections = new Map(again.filter((form) => form.dataset.section).map((form) => [form.dataset.section, form.dataset.anchor]));
    if (sections.size) line.append("Read again: ");
    [...sections].forEach(([section, anchor], i) => {
      if (i) line.append(", ");
      const link = document.createElement("a");
      link.href = `#${anchor}`;
      link.textContent = section;
      line.append(document.getElementById(anchor) ? link : section);
    });
  };

  const restore = (form) => {
    const answers = carrier(form) ? null : store.read(key(form));
    if (answers) form.dataset.answers = JSON.stringify(answers);
    const kept = JSON.parse(form.dataset.answers ?? "[]");
    if (!kept.length) return;
    const { right } = kept.at(-1);
    const tries = `${kept.length} answer${kept.length > 1 ? "s" : ""} so far, the last one ${right ? "right" : "not right"}.`;
    form.querySelector(".sl-feedback").textContent = tries;
    form.querySelector(".sl-how").hidden = right || kept.filter((each) => !each.right).length < PATIENCE;
  };

  const choice = (form) => {
    ownKeys(form);
    const options = JSON.parse(form.dataset.options);
    const boxes = [...form.querySelectorAll("input")];
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const chosen = boxes.filter((box) => box.checked).map((box) => Number(box.value));
      if (chosen.length === 0) return ask(form, "Choose an answer first.");
      const missing = options.filter((option, i) => option.right && !chosen.includes(i)).length;
      const right = missing === 0 && chosen.every((i) => options[i].right);
      keep(form, boxes.filter((box) => box.checked).map((box) => box.nextElementSibling.textContent).join("; "), right);
      let html = chosen.map((i) => options[i].text).join(" ");
      if (!right && chosen.every((i) => options[i].right)) html += " Something is missing.";
      say(form, right, html);
    });
    form.querySelector(".sl-how").addEventListener("click", () => {
      boxes.forEach((box, i) => (box.checked = options[i].right));
      const box = form.querySelector(".sl-feedback");
      delete box.dataset.right;
      box.innerHTML = options.filter((option) => option.right).map((option) => option.text).join(" ");
    });
  };

  const numeric = (form) => {
    ownKeys(form);
    const variants = JSON.parse(form.dataset.variants);
    const field = form.querySelector("input");
    let current = 0;
    const near = (value, target, share) => Math.abs(value - target) <= Math.abs(target) * share + 1e-12;
    form.querySelector(".sl-another").addEventListener("click", () => {
      current = (current + 1) % variants.length;
      form.querySelector(".sl-prompt").innerHTML = variants[current].prompt;
      field.value = "";
      form.querySelector(".sl-feedback").textContent = "New numbers above.";
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const { answer, tolerance, solution, traps } = variants[current];
      const value = parse(field.value);
      if (value === null) return ask(form, "Type a number.");
      const right = near(value, answer, tolerance);
      keep(form, String(value), right);
      if (right) return say(form, true, solution);
      const trap = traps.find((t) => near(value, t.value, tolerance));
      say(form, false, trap ? trap.feedback : "Write the quantities down with their units, then try again.");
    });
    form.querySelector(".sl-how").addEventListener("click", () => {
      const box = form.querySelector(".sl-feedback");
      delete box.dataset.right;
      box.innerHTML = variants[current].solution;
    });
  };

  const quiz = (section) => {
    const forms = [...section.querySelectorAll(".sl-question")];
    forms.forEach((form) => (form.dataset.kind === "choice" ? choice : numeric)(form));
    forms.forEach(restore);
    score(section);
    section.querySelector(".sl-clear")?.addEventListener("click", () => {
      send(forms[0], { clear: true });
      forms.forEach((form) => {
        form.reset();
        delete form.dataset.answers;
        form.querySelector(".sl-feedback").replaceChildren();
        form.querySelector(".sl-how").hidden = true;
        store.forget(key(form));
      });
      score(section);
    });
  };

  whenReady(() => each(".sl-quiz", quiz));
})();
