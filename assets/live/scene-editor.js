/* A scene whose shapes are moved with pointer or keys, for scene-picture.js and captions.js. */
"use strict";
(() => {
  const EDGE = 0.02, STEP = 0.04; // room to the edge, a key's step

  /* `pad` comes to life: an SVG with a <g> for the shapes and a <circle> around the chosen one.
     `changed(scene, chosen, isSettled)` is called after each change; settled is one that is no part
     of a longer movement. Returns what changes the scene from elsewhere. */
  function editor(pad, { content, parts }, changed) {
    let scene = [], chosen = 0;

    function draw(isSettled) {
      pad.querySelector("g").innerHTML = parts.drawn(scene, content);
      const { x, y, radius } = scene[chosen];
      Object.entries({ cx: x, cy: y, r: radius + EDGE / 2 }).forEach(([name, value]) =>
        pad.querySelector("circle").setAttribute(name, value));
      changed(scene, chosen, isSettled);
    }
    function move(i, x, y) {
      const reach = scene[i].radius + EDGE;
      const within = (value) => Math.min(Math.max(value, reach), 1 - reach);
      scene = scene.map((item, k) => k === i ? { ...item, x: within(x), y: within(y) } : item);
    }
    function set(given, which = 0) {
      scene = given.map((item) => ({ ...item }));
      chosen = Math.min(which, scene.length - 1);
      draw(true);
    }
    /* The words of a shape become others; a larger one may need more room. */
    function change(i, said) {
      scene = scene.map((item, k) =>
        k === i ? { ...item, ...said, radius: content.radii[said.size] } : item);
      move(i, scene[i].x, scene[i].y);
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
      other: () => { chosen = (chosen + 1) % scene.length; draw(true); },
      end: () => draw(true),
    };
    withPointer(pad, act);
    withKeys(pad, act);
    return { set, change };
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

  live.add("scene-editor", { editor });
})();
