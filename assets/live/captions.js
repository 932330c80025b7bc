/* Says what a picture of shapes shows, word by word, and where the network looks for each word. A run
   of the network takes the picture and the words so far: see tools/live/captioning.py. */
"use strict";
(() => {
  const KEYS = "The arrow keys move a shape; the space bar takes the next one.";
  const HTML = `
    <div class="live-half live-show">
      <p class="live-name">The picture</p>
      <ol class="live-pictures" role="list"></ol>
      <svg class="live-pad" viewBox="0 0 1 1" tabindex="0" role="application"
           aria-label="Your picture. ${KEYS}"><g></g><circle></circle></svg>
      <p class="live-hint">Drag a shape, or press where it is to go. ${KEYS}</p>
      <div class="live-slots"><div></div></div>
      <div class="live-buttons">
        <button type="button" class="live-more">Add a shape</button>
        <button type="button" class="live-less">Take it away</button>
      </div>
      <div class="live-seen"><canvas role="img" aria-label="Your picture as the network gets it"
        ></canvas><span>What the network gets</span></div>
    </div>
    <div class="live-half live-tell">
      <p class="live-name">What the network writes</p>
      <ol class="live-words" role="list"></ol>
      <svg class="live-looked" viewBox="0 0 1 1" role="img"
           aria-label="The picture, bright where the network looked for the word"><g></g><g></g></svg>
      <p class="live-status" role="status"></p>
    </div>`;

  /* The sentence that `Captioner.caption` writes with a beam of 1, as [{ id, probability, looked }],
     the most probable id each time; `heard(steps)` is called after each, and returns false to end. */
  async function written({ run, content }, pixels, heard) {
    const values = new Float32Array(content.shape[0]), ids = [content.bos], steps = [];
    pixels.forEach((level, i) => { values[content.longest + i] = level / 255; });
    while (steps.length < content.longest) {
      values.set(ids);
      const output = await run(values);
      const wide = output.length / content.longest, start = wide * steps.length;
      const behind = start + content.tokens.length;
      const chances = output.slice(start, behind);
      const id = chances.indexOf(Math.max(...chances));
      if (id === content.eos) break;
      steps.push({ id, probability: chances[id], looked: output.slice(behind, start + wide) });
      ids.push(id);
      if (!heard(steps)) break;
    }
    return steps;
  }

  /* The words of a sentence, without what tokens leave out, as `CaptionTokenizer.decode` has them. */
  const sentence = (steps, { tokens, blank }) => steps.map(({ id }) => tokens[id]).filter(Boolean)
    .join(blank).replaceAll(" ,", ",");

  function explore(element, live, network, parts, editing) {
    element.innerHTML = HTML;
    const { content } = network, { PARTS, select } = parts;
    const find = (selector) => element.querySelector(selector);
    const canvas = find("canvas"), row = find(".live-slots > div"), words = find(".live-words");
    const side = Math.sqrt(content.cells);
    canvas.width = canvas.height = content.side;
    words.lang = content.language;
    let scene = [], chosen = 0, asked = 0;

    const describe = live.neverTwiceAtOnce(async () => {
      await new Promise(requestAnimationFrame);
      const pixels = parts.pixelsOf(scene, content), now = asked;
      parts.paint(canvas, pixels);
      find(".live-looked > g").innerHTML = parts.drawn(scene, content);
      words.replaceChildren();
      const steps = await written(network, pixels, (steps) => {
        if (now !== asked) return false; // the picture is another one, and this runs again
        add(steps.at(-1));
        return true;
      });
      if (now !== asked) return;
      const text = sentence(steps, content);
      say(steps.length === content.longest ? `The sentence finds no end: “${text}”`
        : `“${text}”. Press a word to see where the network looked for it.`);
    });

    function add(step) {
      const item = document.createElement("li");
      item.innerHTML = '<button type="button" aria-pressed="false"></button>';
      const button = item.firstElementChild;
      button.textContent = content.tokens[step.id] || "·";
      button.addEventListener("click", () => {
        look(button, step);
        say(`“${button.textContent}” has the probability ${step.probability.toFixed(3)}. Bright is ` +
          "where the network looked when it chose the word.");
      });
      words.append(item);
      look(button, step);
    }

    function look(button, { looked, probability }) {
      for (const other of words.querySelectorAll("button")) {
        other.setAttribute("aria-pressed", other === button);
      }
      button.dataset.probability = probability.toFixed(4);
      const most = Math.max(...looked);
      find(".live-looked > g:last-child").innerHTML = [...looked].map((weight, i) =>
        `<rect x="${i % side / side}" y="${Math.floor(i / side) / side}" width="${1 / side}"
          height="${1 / side}" fill-opacity="${(1 - weight / most).toFixed(4)}"/>`).join("");
    }

    function say(text) {
      find(".live-status").textContent = text;
    }

    row.append(...PARTS.map((part) => select(part, "chosen", content,
      () => editor.change(chosen, parts.chosenWords(row)))));
    const editor = editing.editor(find(".live-pad"), { content, parts }, (now, which, isSettled) => {
      [scene, chosen] = [now, which];
      parts.reflect(row, scene[chosen]);
      find(".live-more").disabled = scene.length === content.most;
      find(".live-less").disabled = scene.length === 1;
      if (!isSettled) return;
      asked += 1;
      say("Writing …");
      describe().catch((error) => say(`The network cannot run in this browser: ${error.message}`));
    });
    find(".live-more").addEventListener("click", () => editor.set([...scene,
      { shape: "star", colour: "red", size: "small", ...freePlace(scene, content.radii.small) }],
    scene.length));
    find(".live-less").addEventListener("click", () =>
      editor.set(scene.filter((_, i) => i !== chosen)));
    const offered = parts.scenesOf(content);
    find(".live-pictures").replaceChildren(...offered.map((each, i) => {
      const item = document.createElement("li");
      item.innerHTML = `<button type="button" aria-label="Picture ${i + 1}"><svg viewBox="0 0 1 1"
        aria-hidden="true">${parts.drawn(each, content)}</svg></button>`;
      item.firstElementChild.addEventListener("click", () => editor.set(each));
      return item;
    }));
    editor.set(offered[0]);
    find(".live-pictures button").focus({ preventScroll: true });
  }

  /* The place of a grid that is furthest from all shapes. */
  function freePlace(scene, radius) {
    const places = [...Array(64).keys()].map((i) =>
      ({ x: 0.15 + i % 8 / 10, y: 0.15 + Math.floor(i / 8) / 10, radius }));
    const room = ({ x, y }) =>
      Math.min(...scene.map((item) => Math.hypot(item.x - x, item.y - y) - item.radius));
    return places.reduce((best, place) => room(place) > room(best) ? place : best);
  }

  /* The still image stays until the reader asks for more: the network has 6 MB with its runtime. */
  function place(element, live) {
    live.placeStart(element, "Describe pictures yourself (loads 6 MB once)", async () => explore(
      element, live, ...await Promise.all([live.network(element.dataset.model),
        live.load("scene-parts"), live.load("scene-editor")])));
  }

  live.add("captions", { place, written, sentence });
})();
