/* The half of scenes.js that takes a picture: two shapes that are chosen, and moved with pointer or
   keys, and the sentences nearest to them. */
"use strict";
(() => {
  const SHOWN = 6, EDGE = 0.02, STEP = 0.04; // sentences; room to the edge, a key's step

  /* `half` comes to life; `open` gets a sentence that is pressed. */
  function place(half, { content, run, parts, pictures, live }, open) {
    const { PARTS, ORDINAL, cosines, ordered, select, signed, truth } = parts;
    const find = (selector) => half.querySelector(selector);
    const pad = find(".live-pad"), slots = find(".live-slots"), canvas = find("canvas");
    canvas.width = canvas.height = content.side;
    let scene = [], chosen = 0, settled = true;
    const change = () => {
      scene = scene.map((item, i) => {
        const said = Object.fromEntries(PARTS.map((part) =>
          [part, slots.querySelectorAll(`[data-part=${part}]`)[i].value]));
        return { ...item, ...said, radius: content.radii[said.size] };
      });
      scene.forEach((item, i) => move(i, item.x, item.y)); // a larger one may need more room
      draw(true);
    };
    for (const owner of ORDINAL) {
      const row = document.createElement("div");
      row.append(...PARTS.map((part) => select(part, owner, content, change)));
      slots.append(row);
    }

    const answer = live.neverTwiceAtOnce(async () => {
      await new Promise(requestAnimationFrame);
      const [now, pixels] = [scene, parts.pixelsOf(scene, content)];
      paint(canvas, pixels, content.side);
      const permuted = [...parts.permuted(now, content).keys()];
      const ids = permuted.map((sentence) => parts.wordsOf(sentence)
        .map((word) => content.words.indexOf(word) + content.first));
      const vectors = await run(ids, pixels);
      const found = new Map(cosines(vectors.seen, pictures.said).map((value, i) =>
        [content.captions[i], value]));
      permuted.forEach((sentence, i) =>
        found.set(sentence, cosines(vectors.seen, vectors.said(i))[0]));
      list(found, now);
    });

    function list(found, now) {
      const sentences = [...found.keys()], values = [...found.values()];
      const truths = sentences.map((text) => parts.isTrue(parts.parsed(text, content), now));
      const order = ordered(values);
      find("ol").replaceChildren(...order.slice(0, SHOWN).map((i) =>
        item(sentences[i], values[i], truths[i])));
      const places = order.flatMap((i, rank) => truths[i] ? [rank + 1] : []);
      const near = Math.hypot(now[0].x - now[1].x, now[0].y - now[1].y);
      const overlap = near < now[0].radius + now[1].radius
        ? " The shapes are closer than in any picture of its training." : "";
      if (settled) {
        find(".live-status").textContent = `The nearest of ${sentences.length} sentences. The ` +
          `true ones stand at place ${places.slice(0, 4).join(", ")}.${overlap}`;
      }
    }

    function item(sentence, value, isTrue) {
      const element = document.createElement("li");
      element.innerHTML = `<button type="button"><span class="live-value">${signed(value)}</span>
        <span>${sentence}</span> ${truth(isTrue)}</button>`;
      element.firstElementChild.addEventListener("click", () => open(sentence));
      return element;
    }

    function draw(isSettled) {
      settled = isSettled;
      find("g").innerHTML = parts.drawn(scene, content);
      const { x, y, radius } = scene[chosen];
      Object.entries({ cx: x, cy: y, r: radius + EDGE / 2 }).forEach(([name, value]) =>
        find("circle").setAttribute(name, value));
      scene.forEach((item, i) => PARTS.forEach((part) => {
        slots.children[i].querySelector(`[data-part=${part}]`).value = item[part];
      }));
      answer();
    }

    function move(i, x, y) {
      const reach = scene[i].radius + EDGE;
      const within = (value) => Math.min(Math.max(value, reach), 1 - reach);
      scene = scene.map((item, k) => k === i ? { ...item, x: within(x), y: within(y) } : item);
    }
    function set(given) {
      scene = given.map((item) => ({ ...item }));
      chosen = 0;
      draw(true);
    }
    const act = {
      at: (x, y) => {
        const hit = scene.findIndex((item) => Math.hypot(item.x - x, item.y - y) <= item.radius);
        chosen = hit < 0 ? chosen : hit;
        return hit < 0 ? [0, 0] : [scene[hit].x - x, scene[hit].y - y];
      },
      to: (x, y, isSettled) => { move(chosen, x, y); draw(isSettled); },
      by: (x, y) => act.to(scene[chosen].x + x, scene[chosen].y + y, true),
      other: () => { chosen = 1 - chosen; draw(true); },
      end: () => draw(true),
    };
    withPointer(pad, act);
    withKeys(pad, act);
    return { set };
  }

  function paint(canvas, pixels, side) {
    const context = canvas.getContext("2d"), shown = context.createImageData(side, side);
    for (let i = 0; i < side * side; i++) {
      for (let k = 0; k < 3; k++) shown.data[4 * i + k] = pixels[k * side * side + i];
      shown.data[4 * i + 3] = 255;
    }
    context.putImageData(shown, 0, 0);
  }

  function withPointer(pad, act) {
    let pointer = null, offset = [0, 0]; // from where it is pressed to the shape's centre
    const at = (event) => {
      const box = pad.getBoundingClientRect();
      return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    };
    const go = (event) => {
      const [x, y] = at(event);
      act.to(x + offset[0], y + offset[1], false);
    };
    pad.addEventListener("pointerdown", (event) => {
      if (pointer !== null || event.button !== 0) return;
      pointer = event.pointerId;
      pad.setPointerCapture(pointer);
      offset = act.at(...at(event));
      go(event);
    });
    pad.addEventListener("pointermove", (event) => event.pointerId === pointer && go(event));
    for (const end of ["pointerup", "pointercancel"]) {
      pad.addEventListener(end, (event) => {
        if (event.pointerId !== pointer) return;
        pointer = null;
        act.end();
      });
    }
  }

  function withKeys(pad, act) {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    pad.addEventListener("keydown", (event) => {
      if (event.key === " ") act.other();
      else if (event.key in ways) act.by(...ways[event.key].map((way) => STEP * way));
      else return;
      event.preventDefault(); // or the page would scroll
    });
  }

  live.add("scene-picture", { place });
})();
