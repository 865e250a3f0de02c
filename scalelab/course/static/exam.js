// An examination: questions against a clock; what was right is told when it is handed in.
(() => {
  const { each, whenReady } = globalThis.scalelab;

  const exam = (box) => {
    const find = (name) => box.querySelector(`.sl-${name}`);
    const papers = [...box.querySelectorAll(".sl-papers > div")];
    const given = new Map(); // of each paper: whether its last answer came too late
    let end = 0;
    let ticking = 0;

    const tick = () => {
      const left = Math.ceil((end - Date.now()) / 1000);
      const two = String(left % 60).padStart(2, "0");
      find("clock").textContent = left < 0
        ? "The time is over; answers do not count any more."
        : `${Math.floor(left / 60)}:${two} left, ${given.size} of ${papers.length} answered`;
    };

    const answersOf = (paper) => JSON.parse(paper.querySelector("form").dataset.answers ?? "[]");

    const handIn = () => {
      clearInterval(ticking);
      box.dataset.done = "";
      find("hand-in").hidden = true;
      find("clock").textContent = "";
      const right = (paper) => given.has(paper) && !given.get(paper) && answersOf(paper).at(-1).right;
      const lines = [`${papers.filter(right).length} of ${papers.length} right in time, ${given.size} answered.`];
      for (const part of new Set(papers.map((paper) => paper.dataset.part))) {
        const inside = papers.filter((paper) => paper.dataset.part === part);
        lines.push(`${part}: ${inside.filter(right).length} of ${inside.length}`);
      }
      const again = papers.filter((paper) => !right(paper)).map((paper) => {
        const section = paper.querySelector("form").dataset.section;
        return `${paper.querySelector(".sl-note").textContent}${section ? `: ${section}` : ""}`;
      });
      if (again.length) lines.push("Read again:", ...new Set(again));
      find("report").replaceChildren(
        ...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })),
      );
      find("report").scrollIntoView({ block: "nearest" });
    };

    find("begin").addEventListener("click", () => {
      end = Date.now() + 60_000 * Number(box.dataset.minutes);
      find("begin").hidden = true;
      find("hand-in").hidden = false;
      find("papers").hidden = false;
      tick();
      ticking = setInterval(tick, 1000);
      papers[0].querySelector("input").focus();
    });
    find("hand-in").addEventListener("click", handIn);
    for (const paper of papers) {
      let before = answersOf(paper).length;
      paper.addEventListener("submit", () => {
        const kept = answersOf(paper).length;
        const taken = kept > before || kept >= 50;
        before = kept;
        if (taken && !("done" in box.dataset)) given.set(paper, Date.now() > end);
        paper.toggleAttribute("data-given", given.has(paper));
        tick();
      });
    }
  };

  whenReady(() => each(".sl-exam", exam));
})();
