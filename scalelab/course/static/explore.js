// Explorers: picture and sentence of where the controls stand, changed together; the curve before as
// a ghost; a task with a check; and the state in the address.
(() => {
  const { each, whenReady } = globalThis.scalelab;
  const SVG = "http://www.w3.org/2000/svg";

  // Frames lie in a script beside the page, because a page opened from a file may fetch nothing else.
  const waiting = new Map();
  globalThis.scalelab.frames ??= (name, data) => waiting.get(name)?.(data);

  const load = (figure) => {
    const inside = figure.querySelector("script.sl-frames");
    if (inside) return Promise.resolve(JSON.parse(inside.textContent));
    return new Promise((resolve) => {
      waiting.set(figure.dataset.frames, resolve);
      const script = document.createElement("script");
      script.src = figure.dataset.source;
      document.head.append(script);
    });
  };

  // A control knows where it stands, how many places it has, and their names.
  const control = (box) => {
    const range = box.querySelector("input[type=range]");
    const radios = [...box.querySelectorAll("input[type=radio]")];
    const check = box.querySelector("input[type=checkbox]");
    if (range) {
      const names = JSON.parse(range.dataset.values);
      const say = () => {
        box.querySelector("output").textContent = names[range.value];
        range.setAttribute("aria-valuetext", names[range.value]);
      };
      const go = (at) => (range.value = at);
      return { names, say, go, at: () => Number(range.value) };
    }
    const say = () => {};
    if (check) {
      const go = (at) => (check.checked = Boolean(at));
      return { names: ["off", "on"], say, go, at: () => Number(check.checked) };
    }
    const names = radios.map((radio) => radio.nextElementSibling.textContent);
    const go = (at) => (radios[at].checked = true);
    return { names, say, go, at: () => radios.findIndex((radio) => radio.checked) };
  };

  const slug = (name) => encodeURIComponent(name.replace(/[\s\u00a0,]/g, ""));

  // Where a span of data lay in the picture before, and where it lies now.
  const along = ([from, to], [low, high], [newFrom, newTo], [newLow, newHigh]) => {
    const place = (x) => {
      const value = low + ((x - from) / (to - from)) * (high - low);
      return newFrom + ((value - newLow) / (newHigh - newLow)) * (newTo - newFrom);
    };
    const scale = (place(to) - place(from)) / (to - from);
    return [scale, place(from) - scale * from];
  };

  const ghosts = (before, now) => {
    const [old, fresh] = [before, now].map((svg) => JSON.parse(svg.dataset.panels));
    const same = new Set([...now.querySelectorAll(".sl-main")].map((part) => part.innerHTML));
    before.querySelectorAll(".sl-main").forEach((part) => {
      const [was, is] = [old[part.dataset.panel], fresh[part.dataset.panel]];
      if (!was || !is || was[8] !== is[8]) return; // another kind of axis: it has no place there
      if (same.has(part.innerHTML) && `${was}` === `${is}`) return;
      const [a, x] = along(was.slice(0, 2), was.slice(4, 6), is.slice(0, 2), is.slice(4, 6));
      const [d, y] = along(was.slice(2, 4), was.slice(6, 8), is.slice(2, 4), is.slice(6, 8));
      const ghost = document.createElementNS(SVG, "g");
      ghost.setAttribute("class", "sl-ghost");
      ghost.setAttribute("transform", `matrix(${a} 0 0 ${d} ${x} ${y})`);
      ghost.innerHTML = part.innerHTML;
      const cut = now.querySelector(`.sl-main[data-panel="${part.dataset.panel}"] [clip-path]`);
      ghost.querySelectorAll("[clip-path]").forEach((one) => one.removeAttribute("clip-path"));
      const outer = document.createElementNS(SVG, "g");
      if (cut) outer.setAttribute("clip-path", cut.getAttribute("clip-path"));
      outer.append(ghost);
      now.append(outer);
    });
  };

  const explorer = (figure) => {
    const controls = [...figure.querySelectorAll("[data-control]")].map(control);
    const picture = figure.querySelector(".sl-frame");
    const caption = figure.querySelector("figcaption");
    const task = figure.querySelector(".sl-task");
    const answer = task?.querySelector("[role=status]");
    let frames; // a promise, made once
    let shown = -1;
    const ask = () => (frames ??= load(figure));
    const index = () => controls.reduce((sum, one) => sum * one.names.length + one.at(), 0);

    const update = async () => {
      controls.forEach((one) => one.say());
      if (answer) answer.textContent = "";
      const { parts, frames: all, texts } = await ask();
      const now = index(); // the reader may have moved on meanwhile
      if (now === shown) return;
      const before = [...picture.children];
      before.forEach((svg) => svg.querySelectorAll(".sl-ghost").forEach((old) => old.parentNode.remove()));
      picture.innerHTML = all[now].map((line) => parts[line]).join("");
      [...picture.children].forEach((svg, i) => ghosts(before[i], svg));
      caption.textContent = texts[now];
      shown = now;
    };

    const key = `explore-${figure.dataset.explore}`;
    const states = () => location.hash.slice(1).split("&").filter((one) => one.startsWith("explore-"));
    const others = () => states().filter((one) => !one.startsWith(`${key}=`));
    const remember = () => {
      const state = controls.map((one) => slug(one.names[one.at()])).join(",");
      try {
        history.replaceState(history.state, "", `#${[...others(), `${key}=${state}`].join("&")}`);
      } catch {} // a page within a page may not
    };
    const restore = () => {
      const state = states().find((one) => one.startsWith(`${key}=`));
      const names = state?.slice(key.length + 1).split(",") ?? [];
      const places = controls.map((one, i) => one.names.findIndex((name) => slug(name) === names[i]));
      if (!state || places.some((at) => at < 0)) return false;
      controls.forEach((one, i) => one.go(places[i]));
      update();
      return true;
    };

    figure.querySelector(".sl-controls").addEventListener("input", () => {
      update();
      remember();
    });
    task?.addEventListener("submit", (event) => {
      event.preventDefault();
      const right = task.dataset.right.split(" ").includes(String(index()));
      answer.textContent = right
        ? `Right. ${task.dataset.told}`
        : "Not yet. Read the sentence below the picture, and move on.";
    });
    new IntersectionObserver((seen, observer) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      observer.disconnect();
      ask();
    }, { rootMargin: "200px" }).observe(figure);

    const start = index();
    addEventListener("hashchange", restore);
    if (restore()) figure.scrollIntoView({ block: "center" });
    else if ([...figure.querySelectorAll("input")].some(moved)) update(); // kept over a reload
    else shown = start;
  };

  const moved = (input) =>
    input.type === "range" ? input.value !== input.defaultValue : input.checked !== input.defaultChecked;

  whenReady(() => each(".sl-explore", explorer));
})();
