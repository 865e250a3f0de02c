// Plays recorded runs again. The picture is a function of the time t alone, in milliseconds of the
// run's clock: so playing, stepping, scrubbing and switching are the same thing.
(() => {
  const { prepare, visible, numbers, more } = globalThis.scalelabRun;
  const SVG = "http://www.w3.org/2000/svg";
  const INKS = ["blue", "green", "red", "orange", "muted", "purple", "red"]; // of the looks
  const OPEN = 4; // the look that is a ring
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  const make = (name, attributes = {}, ...inside) => {
    const element = document.createElement(name);
    Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
    element.append(...inside);
    return element;
  };

  // Boxes and words are SVG; what moves is a canvas above it, several times as fast.
  const painter = (scenery, stage, canvas) => {
    let key = "", scale = 1, sprites = [], ink, paper;
    const pen = canvas.getContext("2d");
    const refresh = () => { // a small picture of each look, anew when theme or size change
      const dense = devicePixelRatio, wide = stage.clientWidth;
      const theme = document.documentElement.dataset.theme ?? document.body.dataset.jpThemeName;
      if (key === (key = `${wide} ${dense} ${theme}`)) return;
      const style = getComputedStyle(stage);
      const [, , width, height] = stage.querySelector("svg").getAttribute("viewBox").split(" ").map(Number);
      scale = (wide / width) * dense;
      canvas.width = wide * dense;
      canvas.height = height * scale;
      [ink, paper] = ["--sl-ink", "--sl-paper"].map((name) => style.getPropertyValue(name));
      sprites = scenery.shapes.map((shape, look) => {
        const sprite = make("canvas", { width: Math.ceil(16 * scale), height: Math.ceil(16 * scale) });
        const brush = sprite.getContext("2d");
        brush.setTransform(scale, 0, 0, scale, 8 * scale, 8 * scale);
        brush.fillStyle = brush.strokeStyle = style.getPropertyValue(`--sl-${INKS[look]}`);
        brush.lineWidth = 1.6;
        brush[look === OPEN ? "stroke" : "fill"](new Path2D(shape));
        return sprite;
      });
      pen.font = `${13 * scale}px ${style.fontFamily}`;
      pen.textAlign = "center";
    };
    return {
      begin() { // whether there is anything to paint on: a folded part of a page has no width
        if (!stage.clientWidth) return false;
        refresh();
        pen.clearRect(0, 0, canvas.width, canvas.height);
        return true;
      },
      dot: (look, x, y) => pen.drawImage(sprites[look], (x - 8) * scale, (y - 8) * scale),
      words(text, x, y) {
        Object.assign(pen, { lineWidth: 3 * scale, strokeStyle: paper, fillStyle: ink });
        pen.strokeText(text, x * scale, (y - 9) * scale);
        pen.fillText(text, x * scale, (y - 9) * scale);
      },
    };
  };

  const view = (scenery, run, stage) => {
    let made = null;
    const ready = () => (made ??= prepare(scenery, run));
    const svg = stage.querySelector("svg"), layer = svg.querySelector(".sl-tokens");
    const [counted, told] = [".sl-numbers", ".sl-told"].map((name) => stage.querySelector(name));
    const states = [...svg.querySelectorAll(".sl-state")], tails = [...svg.querySelectorAll(".sl-more")];
    const paint = painter(scenery, stage, svg.parentElement.appendChild(make("canvas", { "aria-hidden": "true" })));
    const write = (element, text) => element.textContent !== text && (element.textContent = text);
    const saying = (t) => run.says.filter(([time]) => time <= t).at(-1)?.[1] ?? "";

    const stateAt = (t) => {
      const now = new Map();
      for (const [time, box, text, bad] of run.states) if (time <= t) now.set(box, [text, bad]);
      states.forEach((span) => {
        const [text, bad] = now.get(Number(span.dataset.box)) ?? ["", 0];
        write(span, text);
        span.dataset.bad = bad;
      });
      tails.forEach((tail) => {
        const n = more(ready(), Number(tail.dataset.place), t);
        write(tail, n ? `+${n}` : "");
      });
    };

    return {
      draw(t, withWords) {
        if (layer.firstChild) layer.replaceChildren();
        const dots = paint.begin() ? visible(ready(), t, calm.matches) : [];
        dots.forEach(([look, x, y]) => paint.dot(look, x, y));
        dots.forEach(([, x, y, words]) => words && paint.words(words, x, y));
        stateAt(t);
        if (!withWords) return;
        counted.textContent = numbers(scenery, ready(), t);
        told.textContent = saying(t);
      },
      onPaper(t) { // as SVG, which a printer can handle; the still is SVG already
        if (!made) return;
        layer.replaceChildren(
          ...visible(ready(), t, calm.matches).map(([look, x, y]) => {
            const path = document.createElementNS(SVG, "path");
            path.setAttribute("class", `sl-token sl-look-${look}`);
            path.setAttribute("d", scenery.shapes[look]);
            path.setAttribute("transform", `translate(${x} ${y})`);
            return path;
          }),
        );
      },
      heard: (t) => `${saying(t)} ${numbers(scenery, ready(), t)}`,
    };
  };

  const ICONS = {
    Play: "M3 1v14l11-7z",
    Pause: "M3 1h4v14H3zM9 1h4v14H9z",
    "Next sentence": "M2 1l8 7-8 7zM11 1h3v14h-3z",
    Restart: "M14 1L6 8l8 7zM2 1h3v14H2z",
  };

  const call = (made, name) => {
    made.title = name;
    made.setAttribute("aria-label", name);
    made.innerHTML = `<svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
  };

  const button = (name, act) => {
    const made = make("button", { type: "button" });
    call(made, name);
    made.addEventListener("click", act);
    return made;
  };

  const choices = (scenery, names, act) => {
    const group = `sl-${Math.random().toString(36).slice(2)}`;
    const fields = make("fieldset", { class: "sl-choice" }, make("legend", {}, scenery.choose));
    names.forEach((name, i) => {
      const box = make("input", { type: "radio", name: group, value: i });
      box.checked = i === 0;
      box.addEventListener("change", () => act(i));
      fields.append(make("label", {}, box, make("span", {}, name)));
    });
    return fields;
  };

  const scene = (figure) => {
    const scenery = JSON.parse(figure.dataset.trace);
    const { runs } = scenery;
    const stages = figure.querySelector(".sl-stages"), first = stages.firstElementChild;
    const time = figure.querySelector(".sl-time"), live = figure.querySelector(".sl-live");
    const end = Math.max(...runs.map((run) => run.end));
    let t = scenery.still, frame = 0, before = 0, worded = 0, touched = false, seen = [0];

    const views = runs.map((run, i) => {
      const stage = i ? stages.appendChild(first.cloneNode(true)) : first;
      if (runs.length > 1) stage.querySelector(".sl-run").textContent = `${scenery.choose}: ${run.name}`;
      stage.hidden = i > 0;
      return view(scenery, run, stage);
    });

    const show = (now, withWords = true) => {
      touched = true;
      t = Math.min(end, Math.max(0, now));
      seen.forEach((i) => views[i].draw(t, withWords));
      if (!withWords) return; // words and slider ten times a second will do
      time.textContent = `${(t / 1000).toFixed(1)}\u00a0s`;
      slider.value = t;
      slider.setAttribute("aria-valuetext", `${(t / 1000).toFixed(1)} of ${end / 1000} seconds`);
    };

    const speak = () => { // read aloud: at a pause or a step, never in motion
      const heard = seen.map((i) => `${runs.length > 1 ? `${runs[i].name}: ` : ""}${views[i].heard(t)}`);
      live.textContent = `${(t / 1000).toFixed(1)} s. ${heard.join(". ")}.`;
    };

    const jump = (now) => {
      pause();
      show(now);
      speak();
    };

    const next = () => {
      const later = seen.flatMap((i) => runs[i].says.map(([ms]) => ms)).filter((ms) => ms > (touched ? t : -1));
      jump(Math.min(end, ...later));
    };

    const tick = (now) => {
      const passed = now - before;
      if (!calm.matches || passed >= 1000) { // no motion where none is wanted: a picture a second
        before = now;
        const withWords = calm.matches || now - worded > 100;
        if (withWords) worded = now;
        show(t + Math.min(passed, calm.matches ? 1000 : 100) * scenery.pace * Number(speed.value), withWords);
      }
      if (t >= end) return pause();
      frame = requestAnimationFrame(tick);
    };

    const start = () => {
      if (t >= end || !touched) show(0);
      call(play, "Pause");
      before = performance.now();
      frame = requestAnimationFrame(tick);
    };

    const pause = () => {
      if (!frame) return;
      cancelAnimationFrame(frame);
      frame = 0;
      call(play, "Play");
      show(t);
      speak();
    };

    const play = button("Play", () => (frame ? pause() : start()));
    const step = Math.max(10, Math.round(end / 300));
    const slider = make("input", { type: "range", min: 0, max: end, step, "aria-label": "Time" });
    slider.value = t;
    const speed = make("select", { "aria-label": "Speed", title: "Speed" });
    [0.25, 0.5, 1, 2, 4].forEach((v) => speed.append(new Option(`${v} ×`, v, v === 1, v === 1)));
    const bar = make("div", { class: "sl-bar" }, play, button("Next sentence", next),
      button("Restart", () => jump(0)), slider, speed);
    const controls = make("div", { class: "sl-play" }, bar);
    if (runs.length > 1)
      controls.append(
        choices(scenery, [...runs.map((run) => run.name), "side by side"], (i) => {
          seen = i < views.length ? [i] : views.map((_, n) => n);
          [...stages.children].forEach((stage, n) => (stage.hidden = !seen.includes(n)));
          stages.classList.toggle("sl-beside", seen.length > 1);
          show(t);
          if (!frame) speak();
        }),
      );
    figure.querySelector(".sl-legend").before(controls);

    slider.addEventListener("input", () => show(Number(slider.value)));
    slider.addEventListener("change", () => frame || speak());
    figure.addEventListener("keydown", (event) => event.stopPropagation()); // JupyterLab wants the keys, too
    const again = () => touched && show(t, false);
    addEventListener("beforeprint", () => views.forEach((each) => each.onPaper(t)));
    addEventListener("afterprint", again);
    new ResizeObserver(again).observe(stages);
    const themes = new MutationObserver(again);
    [document.documentElement, document.body].forEach((place) =>
      themes.observe(place, { attributeFilter: ["data-theme", "data-jp-theme-name"] }),
    );
    new IntersectionObserver(([entry]) => entry.isIntersecting || pause()).observe(figure);
  };

  const start = () =>
    document.querySelectorAll(".sl-scene:not([data-ready])").forEach((figure) => {
      figure.dataset.ready = "";
      scene(figure);
    });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else setTimeout(start);
})();
