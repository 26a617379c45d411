// A reading group's plan on one printed page: a button under its heading prints that section alone.
document.addEventListener("DOMContentLoaded", () => {
  const plan = document.querySelector("section[id^='a-reading-group']");
  if (!plan) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-outline-primary btn-sm chisel-print-plan";
  button.textContent = "Print this plan on one page";
  button.addEventListener("click", () => {
    document.body.classList.add("chisel-plan-only");
    window.print();
  });
  const heading = plan.querySelector("h2");
  heading.after(button);
  // On the sheet alone, which chapter it is.
  const chapter = document.createElement("span");
  chapter.className = "chisel-plan-chapter";
  chapter.textContent = ": " + document.querySelector("h1").firstChild.textContent.replace(/^[\d.\s]+/, "");
  (heading.querySelector(".headerlink") ?? heading).before(chapter);
  // Everything beside the plan and beside what holds it stays off the paper.
  for (let part = plan; part !== document.body; part = part.parentElement) {
    part.classList.add("chisel-plan-path");
  }
  window.addEventListener("afterprint", () => document.body.classList.remove("chisel-plan-only"));
});
