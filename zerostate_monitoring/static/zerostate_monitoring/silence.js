/* A silence that lasts so long asks for no times; without this script they stand there, with labels. */

const lengths = [...document.querySelectorAll('input[name="lasts"]')];
const rows = [...document.querySelectorAll(".form-row.field-starts_at, .form-row.field-ends_at")];

function show() {
  const chosen = lengths.find((one) => one.checked);
  for (const row of rows) {
    const isAsked = !chosen || chosen.value === "until";
    const isFilled = [...row.querySelectorAll("input")].some((one) => one.value);
    // What is sent is seen, and what is wrong with it.
    row.classList.toggle("hidden", !isAsked && !isFilled && !row.querySelector(".errorlist"));
  }
}

if (lengths.length) {
  for (const one of lengths) one.addEventListener("change", show);
  show();
}
