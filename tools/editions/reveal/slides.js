// Starts the slides once their formulas are drawn, and makes a slide that holds too much smaller.

const WIDTH = 1280, HEIGHT = 720; // as in slides.css
const SMALLEST = 50; // per cent

function fit(slide) {
  const body = slide.querySelector(".body") ?? slide;
  const overflows = () =>
    slide.scrollHeight > HEIGHT ||
    [...body.querySelectorAll("mjx-container, pre, table")].some(
      (part) => part.scrollWidth > part.clientWidth + 1,
    );
  for (let size = 100; size >= SMALLEST && overflows(); size -= 4) {
    body.style.fontSize = `${size}%`;
  }
}

addEventListener("load", async () => {
  await MathJax.startup.promise;
  await document.fonts.ready;
  document.body.classList.add("measured");
  document.querySelectorAll(".slides > section").forEach(fit);
  document.body.classList.remove("measured");
  const options = { center: false, hash: true, slideNumber: "c/t", transition: "none", margin: 0 };
  await Reveal.initialize({ ...options, width: WIDTH, height: HEIGHT });
});
