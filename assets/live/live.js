/* Runs networks in the page, on the reader's machine, after the reader's first action.

     <div class="live" data-model="mnist" data-input="drawing" data-labels="zero,one,...">
     what stands here where scripts are off
     </div>

   data-model: a file beside this one, made by `python -m tools.live.export`; the network.
   data-input: a file beside this one that hands over `place(element, live)`, which builds what the
   reader acts on, asks `live.network(NAME)` for the network, and shows its answer.
   Everything is a script, because a page opened from file:// may load scripts but fetch nothing. */
"use strict";
window.live = (() => {
  const folder = new URL(".", document.currentScript.src);
  const handedOver = {};
  const promises = new Map();

  /* What `make` promises, made once under its name; a failure is forgotten, to be tried again. */
  function once(name, make) {
    if (!promises.has(name)) {
      const promise = make();
      promises.set(name, promise);
      promise.catch(() => promises.delete(name));
    }
    return promises.get(name);
  }

  /* What the script NAME.js hands over by `live.add(NAME, content)`. */
  function load(name) {
    return once(`script ${name}`, () => new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL(`${name}.js`, folder);
      script.onload = () => resolve(handedOver[name]);
      script.onerror = () => reject(new Error(`${name}.js is missing`));
      document.head.append(script);
    }));
  }

  const unpacked = (text) => fzstd.decompress(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)));

  async function start() {
    const { module, wasm } = await load("runtime");
    const script = new Blob([module], { type: "text/javascript" });
    ort.env.wasm.numThreads = 1; // more need headers that most servers do not send
    ort.env.wasm.wasmPaths = { mjs: URL.createObjectURL(script) };
    ort.env.wasm.wasmBinary = unpacked(wasm);
  }

  /* A network: its exported content, and `run(values)`, a promise of the output's values. */
  function network(name) {
    return once(`network ${name}`, async () => {
      const [content] = await Promise.all([load(name), once("runtime", start)]);
      const session = await ort.InferenceSession.create(unpacked(content.onnx));
      const run = async (values) => {
        const given = { [content.input]: new ort.Tensor("float32", values, content.shape) };
        return (await session.run(given))[content.output].data;
      };
      return { content, run };
    });
  }

  /* A function that does `task` again where it was called meanwhile, but never twice at once. */
  function neverTwiceAtOnce(task) {
    let busy = false, asked = false;
    return async () => {
      asked = true;
      if (busy) return;
      busy = true;
      try {
        while (asked) {
          asked = false;
          await task();
        }
      } finally {
        busy = false;
      }
    };
  }

  /* A bar for each label: an element, and `show(probabilities)`, where none empties the bars. */
  function bars(labels) {
    const element = document.createElement("ul");
    element.className = "live-bars";
    element.setAttribute("role", "list"); // Safari takes the role from a list without bullets
    element.innerHTML = labels.map(() =>
      '<li><span class="live-label"></span><span class="live-bar"><span></span></span>' +
      '<span class="live-value"></span></li>').join("");
    const rows = [...element.children];
    rows.forEach((row, i) => { row.firstElementChild.textContent = labels[i]; });
    function show(probabilities) {
      const best = Math.max(...(probabilities ?? []));
      rows.forEach((row, i) => {
        const value = probabilities?.[i] ?? 0;
        row.classList.toggle("live-best", value > 0 && value === best);
        row.querySelector(".live-bar > span").style.width = `${100 * value}%`;
        row.querySelector(".live-value").textContent = probabilities ? value.toFixed(3) : "";
      });
    }
    return { element, show };
  }

  /* A button below the still image, in the place of the words there, that starts the whole. */
  function placeStart(element, text, start) {
    const words = element.querySelector("p:not(:has(img))") ?? element;
    const row = document.createElement("div");
    row.className = "live-buttons live-start";
    row.innerHTML = '<button type="button"></button><p class="live-status" role="status"></p>';
    words.replaceWith(row);
    const [button, status] = row.children;
    button.textContent = text;
    button.addEventListener("click", async () => {
      status.textContent = "Loading …";
      try {
        await start();
      } catch (error) {
        status.textContent = `The network cannot run in this browser: ${error.message}`;
      }
    });
  }

  const api = { add: (name, content) => { handedOver[name] = content; },
    load, network, neverTwiceAtOnce, bars, placeStart };

  document.addEventListener("DOMContentLoaded", () => {
    for (const element of document.querySelectorAll("div.live")) {
      load(element.dataset.input).then((input) => input.place(element, api));
    }
  });
  return api;
})();
