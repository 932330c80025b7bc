// Prepares a page for paper, and takes all of it back afterwards: light colours also from dark mode,
// open solutions, and equations that are as wide as the paper at most. print.css does the rest.

(() => {
  const PAPER = 43; // the width of the text on A4, in the size of an equation's letters
  let back = [];

  const set = (object, key, value) => {
    const before = object[key];
    back.push(() => (object[key] = before));
    object[key] = value;
  };

  const narrow = (equation) => {
    const formula = equation.querySelector("mjx-math").getBoundingClientRect().width;
    const letters = formula / parseFloat(getComputedStyle(equation).fontSize);
    const number = equation.parentElement.querySelector(".eqno") ? 4 : 0;
    equation.style.setProperty("--narrow", Math.min(1, (PAPER - number) / letters));
  };

  addEventListener("beforeprint", () => {
    set(document.documentElement.dataset, "theme", "light");
    const solutions = ".tag_solution details, .solution details, details.sd-dropdown";
    document.querySelectorAll(solutions).forEach((part) => set(part, "open", true));
    document.querySelectorAll('mjx-container[display="true"]').forEach(narrow);
  });
  addEventListener("afterprint", () => {
    back.forEach((undo) => undo());
    back = [];
  });
})();
