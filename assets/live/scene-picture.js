/* The half of scenes.js that takes a picture: two shapes that are chosen, and moved, and the sentences
   nearest to them. */
"use strict";
(() => {
  const SHOWN = 6; // sentences

  /* `half` comes to life; `open` gets a sentence that is pressed. */
  function place(half, { content, run, parts, editing, pictures, live }, open) {
    const { PARTS, ORDINAL, cosines, ordered, select, signed, truth } = parts;
    const find = (selector) => half.querySelector(selector);
    const slots = find(".live-slots"), canvas = find("canvas");
    canvas.width = canvas.height = content.side;
    let scene = [], settled = true;
    ORDINAL.forEach((owner, i) => {
      const row = document.createElement("div");
      const change = () => editor.change(i, parts.chosenWords(row));
      row.append(...PARTS.map((part) => select(part, owner, content, change)));
      slots.append(row);
    });

    const answer = live.neverTwiceAtOnce(async () => {
      await new Promise(requestAnimationFrame);
      const [now, pixels] = [scene, parts.pixelsOf(scene, content)];
      parts.paint(canvas, pixels);
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

    const editor = editing.editor(find(".live-pad"), { content, parts }, (now, _, isSettled) => {
      [scene, settled] = [now, isSettled];
      scene.forEach((item, i) => parts.reflect(slots.children[i], item));
      answer();
    });
    return { set: editor.set };
  }

  live.add("scene-picture", { place });
})();
