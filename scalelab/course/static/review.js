// What is due, from what the browser keeps, by the rule of scalelab.course.schedule.
(() => {
  const { each, whenReady, store } = globalThis.scalelab;

  const overdue = (answers, days, today) => {
    let [box, day] = [1, null];
    for (const answer of answers) {
      const its = answer.day ?? 0;
      if (its === day) continue;
      box = answer.right ? Math.min(box + 1, days.length) : 1;
      day = its;
    }
    return { box, left: day > today ? 0 : today - day - days[box - 1] };
  };

  const list = (box) => {
    const [days, chapters] = [JSON.parse(box.dataset.days), JSON.parse(box.dataset.chapters)];
    const today = Math.floor(Date.now() / 864e5);
    const found = new Map();
    let answered = 0;
    for (const name of store.names("quiz")) {
      const [chapter, question] = name.slice("quiz:".length).split("/");
      const place = chapters[chapter]?.sections[question];
      const answers = store.read(name);
      if (!place || !answers?.length) continue;
      answered += 1;
      const its = overdue(answers, days, today);
      if (its.left < 0) continue;
      const key = `${chapter}#${place[1]}`;
      const before = found.get(key) ?? { chapter, place, box: its.box, count: 0 };
      found.set(key, { ...before, box: Math.min(before.box, its.box), count: before.count + 1 });
    }
    const items = [...found.values()].sort((a, b) => a.box - b.box);
    const total = items.reduce((sum, item) => sum + item.count, 0);
    box.querySelector("[role=status]").textContent = answered
      ? `${total} of the ${answered} questions that you answered are due.`
      : "You have answered no question in this browser yet. Each chapter ends with some.";
    box.querySelector("ul").replaceChildren(
      ...items.map(({ chapter, place, count }) => {
        const [item, link] = [document.createElement("li"), document.createElement("a")];
        link.href = `${chapters[chapter].page}#${place[1]}`;
        link.textContent = `${chapters[chapter].title}: ${place[0]}`;
        item.append(link, `, ${count} question${count > 1 ? "s" : ""}`);
        return item;
      }),
    );
  };

  whenReady(() => each(".sl-due", list));
})();
