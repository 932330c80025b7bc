/* Draws the digits that a word asks for, from noise that is made here: see
   tools/live/digit_drawing.py. */
"use strict";
(() => {
  const HTML = `
    <div class="live-half live-ask">
      <p class="live-name">A word asks for digits</p>
      <div class="live-slots"><select aria-label="Word"></select>
        <label class="live-typed">or typed: <input type="text" autocomplete="off"
          autocapitalize="off" spellcheck="false"></label></div>
      <div class="live-buttons">
        <button type="button" class="live-other">Draw others, from new noise</button>
      </div>
      <p class="live-status" role="status"></p>
    </div>
    <div class="live-half live-show">
      <p class="live-name">What the network draws</p>
      <div class="live-drawings"></div>
    </div>`;

  /* Normal numbers (Box and Muller 1958). */
  function normal(count) {
    return Float32Array.from({ length: count }, () =>
      Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random()));
  }

  /* What the network takes for a word of known characters and noise. */
  function inputsOf(word, noise, content) {
    const values = new Float32Array(content.shape[0]);
    values.set([...word].map((sign) => content.characters.indexOf(sign) + content.first));
    values.set(noise, content.length);
    return values;
  }

  function explore(element, live, { run, content }) {
    element.innerHTML = HTML;
    const find = (selector) => element.querySelector(selector);
    const select = find("select"), input = find("input"), { size } = content;
    const fresh = () => normal(content.drawings * content.noise);
    let noise = fresh();
    select.append(...content.words.map((word) => new Option(word, word)));
    find(".live-drawings").append(...Array.from({ length: content.drawings }, (_, i) => {
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = size;
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", `Drawing ${i + 1}`);
      return canvas;
    }));

    const draw = live.neverTwiceAtOnce(async () => {
      const word = input.value.trim().toLowerCase();
      const unknown = [...word].filter((sign) => !content.characters.includes(sign));
      const problem = !word ? "Choose or type a word."
        : unknown.length ? `The network does not know ${[...new Set(unknown)].join(" ")}. ` +
          `Its characters: ${[...content.characters].join(" ")}`
        : [...word].length > content.length ? `At most ${content.length} characters are read.` : "";
      const drawings = problem ? null : await run(inputsOf(word, noise, content));
      find(".live-drawings").querySelectorAll("canvas").forEach((canvas, i) =>
        paint(canvas, drawings?.subarray(i * size ** 2, (i + 1) * size ** 2)));
      const isKnown = content.words.includes(word);
      if (isKnown) select.value = word;
      say(problem || (isKnown ? `${content.drawings} drawings of “${word}”, each from noise of its ` +
        "own. Another word with the same noise: choose it." : `“${word}” is no word of its training: ` +
        "it draws all the same, whatever the characters make of the noise."));
    });
    const again = () => draw().catch((error) =>
      say(`The network cannot run in this browser: ${error.message}`));

    function say(text) {
      find(".live-status").textContent = text;
    }
    function set(word) {
      input.value = word;
      again();
    }
    select.addEventListener("change", () => set(select.value));
    input.addEventListener("input", again);
    find(".live-other").addEventListener("click", () => {
      noise = fresh();
      again();
    });
    set(content.words[7]);
    select.focus({ preventScroll: true });
  }

  /* Ink is 1; without values, the canvas is empty. */
  function paint(canvas, ink) {
    const context = canvas.getContext("2d");
    const shown = context.createImageData(canvas.width, canvas.height);
    for (let i = 0; i < canvas.width * canvas.height; i++) {
      shown.data.fill(Math.round(255 * (ink?.[i] ?? 0)), 4 * i, 4 * i + 3);
      shown.data[4 * i + 3] = 255;
    }
    context.putImageData(shown, 0, 0);
  }

  /* The still image stays until the reader asks for more: the network has 5 MB with its runtime. */
  function place(element, live) {
    live.placeStart(element, "Ask for digits yourself (loads 5 MB once)", async () =>
      explore(element, live, await live.network(element.dataset.model)));
  }

  live.add("words", { place, inputsOf });
})();
