// What a recorded run shows at a time t, in milliseconds of its clock: where each token is, and
// what the counters say. No page is touched here; scene.js draws what comes out.
globalThis.scalelabRun = (() => {
  const GLIDE = 220; // ms of the reader's time for a hop that takes none in the run
  const [, LINE, OUT] = [0, 1, 2]; // in slots each stays, a line closes up, out is the end

  const upTo = (times, t) => { // how many of the ascending times are <= t
    let low = 0;
    for (let high = times.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (times[middle] <= t) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  const ease = (share) => share * share * (3 - 2 * share);

  const position = (piece, t) => {
    if (t >= piece.end || piece.end === piece.begin) return [piece.x, piece.y];
    const share = Math.max(0, (t - piece.begin) / (piece.end - piece.begin));
    const part = piece.way ? share : ease(share);
    return [piece.fromX + (piece.x - piece.fromX) * part, piece.fromY + (piece.y - piece.fromY) * part];
  };

  // Where the straight way from the middle of a box to a point leaves the box.
  const edge = (place, x, y) => {
    if (!place.halfX && !place.halfY) return [place.x, place.y];
    const [wayX, wayY] = [x - place.x, y - place.y];
    const share = Math.min(0.45, wayX ? place.halfX / Math.abs(wayX) : 1, wayY ? place.halfY / Math.abs(wayY) : 1);
    return [place.x + share * wayX, place.y + share * wayY];
  };

  const stepsOf = (run) =>
    run.tokens
      .flatMap((flat, token) => {
        const steps = [];
        for (let i = 0, t = 0; i < flat.length; i += 4) {
          t += flat[i];
          steps.push({ token, t, place: flat[i + 1], way: flat[i + 2], look: flat[i + 3] });
        }
        return steps;
      })
      .sort((a, b) => a.t - b.t || a.token - b.token); // stable: a token's own steps keep their order

  // A counter is a list of times and what it says from then on.
  const counterOf = (changes) => {
    const counter = { times: [0], values: [0] };
    changes
      .sort((a, b) => a[0] - b[0])
      .forEach(([t, change]) => {
        counter.times.push(t);
        counter.values.push(counter.values.at(-1) + change);
      });
    return counter;
  };

  const countersOf = (scenery, steps, places) => {
    const changes = places.map(() => []); // of each place: time, and how many more or fewer
    const at = new Map();
    steps.forEach(({ token, t, place, way }) => {
      const before = at.get(token);
      if (before === place) return;
      if (before !== undefined) changes[before].push([t, -1]);
      changes[place].push([t + way, 1]);
      at.set(token, place);
    });
    const named = scenery.counters.map((_, i) =>
      counterOf(changes.filter((_, place) => places[place].counter === i).flat()),
    );
    const inLine = places.map((place, i) => (place.keep === LINE ? counterOf(changes[i]) : null));
    return { named, inLine };
  };

  const percentile = (scenery, steps, tokens, places) => { // the 99th, of all that have left so far
    const sorted = [], times = [], values = [];
    const wanted = scenery.counters.indexOf(scenery.p99);
    if (wanted < 0) return null;
    steps
      .filter((step) => places[step.place].counter === wanted)
      .forEach((step) => {
        const took = step.t + step.way - tokens[step.token].born;
        sorted.splice(upTo(sorted, took), 0, took);
        times.push(step.t + step.way);
        values.push(sorted[Math.ceil(0.99 * sorted.length) - 1]);
      });
    return { times, values };
  };

  // The way of each token, piece by piece: from where to where, and when.
  const mover = (pace) => {
    const glide = GLIDE * pace;
    return (token, t, place, slot, way, hops = 1) => {
      let x = place.x + (slot % place.columns) * place.dx;
      let y = place.y + Math.floor(slot / place.columns) * place.dy;
      const last = token.pieces.at(-1);
      // hops that take no time are drawn one after the other, as long as that stays close to the truth
      const begin = last && !way && last.end > t && last.end - t <= 2 * glide ? last.end : t;
      let [fromX, fromY] = last ? position(last, begin) : [x, y];
      if (way && last) {
        const toX = x, toY = y;
        [x, y] = edge(place, fromX, fromY);
        [fromX, fromY] = edge(last.place, toX, toY);
      }
      while (token.pieces.length && token.pieces.at(-1).begin >= begin) token.pieces.pop();
      const seen = place.keep === OUT || slot < place.most;
      const end = begin + (last ? way || glide / hops : 0);
      token.pieces.push({ begin, end, fromX, fromY, x, y, way, seen, look: token.look, place });
      if (place.keep === OUT && last) token.gone = end;
    };
  };

  const enter = (token, place) => {
    if (place.keep === OUT) return 0;
    if (place.keep === LINE) return place.here.push(token) - 1;
    const free = place.here.indexOf(undefined);
    const slot = free < 0 ? place.here.length : free;
    place.here[slot] = token;
    return slot;
  };

  const leave = (token, place) => {
    if (place.keep === LINE) place.here.splice(place.here.indexOf(token), 1);
    else if (place.keep !== OUT) place.here[token.slot] = undefined;
  };

  const closeUp = (place, t, go) =>
    place.here.forEach((token, slot) => {
      if (token.slot === slot) return;
      const sameRow = Math.floor(token.slot / place.columns) === Math.floor(slot / place.columns);
      token.slot = slot;
      go(token, t, place, slot, 0, sameRow ? 1 : Infinity); // to another row at once
    });

  // All that happens at one time: who goes leaves before anybody comes.
  const together = (steps, tokens, places, go) => {
    const last = new Map(), hops = new Map(), t = steps[0].t;
    steps.forEach((step) => {
      last.set(step.token, step);
      const first = tokens[step.token].place < 0 ? -1 : 0; // it appears without a way
      hops.set(step.token, (hops.get(step.token) ?? first) + 1);
    });
    const left = new Set();
    last.forEach((step, id) => {
      const token = tokens[id];
      if (token.place < 0) token.born = t;
      else if (token.place !== step.place) {
        leave(token, places[token.place]);
        left.add(places[token.place]);
      }
    });
    steps.forEach((step) => {
      const token = tokens[step.token], place = places[step.place];
      token.look = step.look;
      const n = Math.max(1, hops.get(step.token)); // all of them within one glide
      if (last.get(step.token) !== step) return go(token, t, place, 0, step.way, n);
      if (token.place !== step.place) token.slot = enter(token, place);
      else if (!step.way) return go(token, t, place, token.slot, 0); // another look, no more
      token.place = step.place;
      go(token, t, place, token.slot, step.way, n);
    });
    left.forEach((place) => place.keep === LINE && closeUp(place, t, go));
  };

  const prepare = (scenery, run) => {
    const steps = stepsOf(run);
    const places = scenery.places.map(([name, x, y, dx, dy, columns, most, keep, counter, halfX, halfY]) => ({
      name, x, y, dx, dy, columns, most, keep, counter, halfX, halfY, here: [],
    }));
    const tokens = run.tokens.map((_, i) => ({
      pieces: [], place: -1, slot: 0, look: 0, cursor: 0, born: 0, gone: Infinity, words: run.labels[i],
    }));
    const go = mover(scenery.pace);
    for (let i = 0, j; i < steps.length; i = j) {
      for (j = i; j < steps.length && steps[j].t === steps[i].t; ) j++;
      together(steps.slice(i, j), tokens, places, go);
    }
    const { named, inLine } = countersOf(scenery, steps, places);
    return { tokens, places, named, inLine, p99: percentile(scenery, steps, tokens, places) };
  };

  const at = ({ times, values }, t) => values[upTo(times, t) - 1];

  // What is in the picture, where, how it looks, and the words at it.
  const visible = (ready, t, calm) => {
    const found = [];
    for (const token of ready.tokens) {
      if (t < token.born || t >= token.gone) continue;
      const pieces = token.pieces;
      let c = token.cursor;
      while (c + 1 < pieces.length && pieces[c + 1].begin <= t) c++;
      while (c > 0 && pieces[c].begin > t) c--;
      const piece = pieces[(token.cursor = c)];
      if (!piece.seen) continue;
      const [x, y] = calm && !piece.way ? [piece.x, piece.y] : position(piece, t);
      found.push([piece.look, x, y, piece.way ? token.words : ""]);
    }
    return found;
  };

  const numbers = (scenery, ready, t) => {
    const said = ready.named.map((one, i) => `${scenery.counters[i]} ${at(one, t)}`);
    if (ready.p99) {
      const n = upTo(ready.p99.times, t);
      said.push(`p99 so far ${n ? (ready.p99.values[n - 1] / 1000).toFixed(2) : "–"} s`);
    }
    return said.map((part) => part.replaceAll(" ", "\u00a0")).join("\u00a0· ");
  };

  // How many stand in a line beyond the slots that are drawn.
  const more = (ready, i, t) => Math.max(0, at(ready.inLine[i], t) - ready.places[i].most);

  return { prepare, visible, numbers, more, upTo };
})();
