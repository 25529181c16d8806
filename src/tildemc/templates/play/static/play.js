// The playground's page: what is typed is told to the server, and what it answers is shown.

import { ask, latest } from "./talk.js";
import { tabs } from "./tabs.js";

const by = (id) => document.getElementById(id);
const FIELDS = ["file", "text", "family", "priors", "panel", "na", "which"];
const NUMBERS = ["draws", "tune", "chains", "seed"];
const TYPED = 250, POLLED = 250;

let tab = null;
let fit = { stage: "none", asked: null };
let choice = 0;
let shown = null;

const asked = () => Object.fromEntries(FIELDS.map((name) => [name, by(name).value]));
const same = (other) => other !== null && FIELDS.every((name) => other[name] === by(name).value);

// What is shown

function show(answer) {
  shown = tab.dataset.panel;
  by("content").innerHTML = answer.html;
  for (const button of by("content").querySelectorAll(".copied button")) button.hidden = false;
  by("choosing").hidden = answer.choices.length === 0;
  fill(by("choice"), answer.choices, String(answer.choice));
}

function fill(select, names, chosen) {
  const now = [...select.options].map((option) => option.text);
  if (names.join("\n") !== now.join("\n")) select.replaceChildren(...names.map((name, at) => new Option(name, select.id === "choice" ? at : name)));
  select.value = chosen;
}

function tell(message) {
  shown = null;
  by("content").replaceChildren(Object.assign(document.createElement("p"), { textContent: message }));
  by("choosing").hidden = true;
}

function mistake(error) {
  by("mistake").hidden = error === null;
  by("text").setAttribute("aria-invalid", String(error !== null));
  if (error === null) return;
  by("message").textContent = error.message;
  by("caret").textContent = error.caret.replace(/^ {4}/gm, "");
  by("caret").hidden = error.caret === "";
  by("go").hidden = error.place === null;
  by("go").onclick = () => { by("text").focus(); by("text").setSelectionRange(...error.place); };
}

function stale(message) {
  by("stale").hidden = message === "";
  by("stale").textContent = message;
  by("view").classList.toggle("of-before", message !== "");
}

// The model

async function look() {
  const here = tab, { of, panel } = here.dataset, said = asked();
  by("view").setAttribute("aria-busy", "true");
  remember(said);
  try {
    if (of === "fit") await look_at_fit(here);
    if (of === "data") await look_at_data(here, said);
    // Whether the text is a model is told whatever is looked at.
    const answer = await ask("look", "POST", { asked: said, panel: of === "model" ? panel : "model", choice: of === "model" ? choice : 0 });
    by("several").hidden = answer.models.length < 2;
    if (answer.models.length > 1) fill(by("which"), answer.models, answer.models.includes(said.which) ? said.which : answer.models.at(-1));
    mistake(null);
    if (of === "model" && tab === here) { show(answer); stale(""); }
  } catch (error) {
    const empty = said.text.trim() === "";
    mistake(empty ? null : error);
    if (of === "model" && tab === here) {
      if (shown === panel && !empty) stale("This is of the text before its mistake.");
      else tell(empty ? error.message : "The text has a mistake, which is told beside it.");
    }
  } finally {
    by("view").setAttribute("aria-busy", "false");
  }
}

async function look_at_data(here, said) {
  stale("");
  await show_or_tell(here, ask("look", "POST", { asked: said, panel: here.dataset.panel, choice }));
}

async function look_at_fit(here) {
  stale(fit.stage === "done" && !same(fit.asked) ? "This fit is of the model as it was before you changed it." : "");
  if (fit.stage === "running") return tell("The fit is under way.");
  if (fit.stage !== "done") return tell("There are no draws yet: press Fit.");
  await show_or_tell(here, ask("fit/look", "POST", { panel: here.dataset.panel, choice }));
}

async function show_or_tell(here, answer) {
  try {
    const found = await answer;
    if (tab === here) show(found);
  } catch (error) {
    if (tab === here) tell(error.message);
  }
}

const changed = latest(look, TYPED);

const choose = tabs(document.querySelector('[role="tablist"]'), (chosen) => {
  tab = chosen;
  choice = 0;
  changed(true);
});

// The address has what is typed, so that the page may be loaded again, or kept.
function remember(said) {
  const kept = Object.entries({ ...said, tab: tab.dataset.panel }).filter(([, value]) => value !== "");
  history.replaceState(null, "", `#${new URLSearchParams(kept)}`);
}

function recall() {
  const kept = new URLSearchParams(location.hash.slice(1));
  if (!kept.has("file")) {
    const first = [...by("example").options].find((option) => option.dataset.file === by("file").value);
    if (first) take(first);
    return first ? "model" : "data";
  }
  for (const name of FIELDS) if (kept.has(name)) by(name).value = kept.get(name);
  return kept.get("tab");
}

function take(option) {
  for (const name of FIELDS) by(name).value = option.dataset[name] ?? "";
}

// Fits

function settings() {
  const numbers = NUMBERS.map((name) => [name, by(name).value === "" ? null : Number(by(name).value)]);
  return { ...Object.fromEntries(numbers), method: by("method").value };
}

function follow(state, begun) {
  const ended = fit.stage === "running" && state.stage !== "running";
  fit = state;
  const running = state.stage === "running", seconds = `${state.seconds.toFixed(state.seconds < 10 ? 1 : 0)} s`;
  const left = document.activeElement;
  by("fit").disabled = running;
  by("cancel").disabled = !running;
  // What is disabled loses the focus, which goes to what may be pressed instead.
  if (left === by("fit") || left === by("cancel")) by(running ? "cancel" : "fit").focus();
  by("progress").hidden = !running;
  if (state.done > 0) { by("progress").max = state.total; by("progress").value = state.done; }
  else by("progress").removeAttribute("value");
  const drawn = state.done > 0 ? `${state.done.toLocaleString("en")} of ${state.total.toLocaleString("en")} draws` : "reading, then drawing";
  const diverged = state.diverged > 0 ? `, ${state.diverged.toLocaleString("en")} diverged` : "";
  const told = { none: "", running: `${drawn}${diverged}; ${seconds}`, done: `Fitted in ${seconds}.`, failed: "No fit.", stopped: `No fit: ${state.why}.` };
  by("told").textContent = told[state.stage];
  for (const other of document.querySelectorAll('[data-of="fit"]')) other.toggleAttribute("data-ready", state.stage === "done");
  if (begun) by("said").textContent = "The fit has begun.";
  if (!ended) return;
  by("said").textContent = told[state.stage];
  if (state.stage === "failed") mistake({ message: state.why.split("\n\n")[0], caret: state.why.split("\n\n").slice(1).join("\n\n"), place: null });
  if (tab.dataset.of === "fit") changed(true);
  if (state.stage !== "done") return;
  choose("summary");
  // Where the page is one column, what was asked for may be out of sight.
  if (by("shown").getBoundingClientRect().top > innerHeight * 0.8) by("shown").scrollIntoView();
}

async function poll() {
  while (fit.stage === "running") {
    await new Promise((done) => setTimeout(done, POLLED));
    try { follow(await ask("fit")); } catch (error) { mistake(error); return; }
  }
}

async function begin(event) {
  event.preventDefault();
  if (by("fit").disabled) return;
  try { follow(await ask("fit", "POST", { asked: asked(), settings: settings() }), true); } catch (error) { mistake(error); return; }
  poll();
}

// What a person does

by("model").addEventListener("submit", begin);
by("model").addEventListener("input", (event) => { if (FIELDS.includes(event.target.id)) changed(); });
by("text").addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) begin(event); });
by("cancel").addEventListener("click", async () => follow(await ask("fit", "DELETE")));
by("choice").addEventListener("change", () => { choice = by("choice").selectedIndex; changed(true); });
by("example").addEventListener("change", () => {
  const option = by("example").selectedOptions[0];
  if (option.dataset.file) { take(option); changed(true); }
});
by("upload").addEventListener("change", async () => {
  const [file] = by("upload").files;
  if (!file) return;
  by("said").textContent = `Reading ${file.name}.`;
  try {
    const { file: name } = await ask(`files?name=${encodeURIComponent(file.name)}`, "POST", file);
    by("file").add(new Option(name, name));
    by("file").value = name;
    by("said").textContent = `${name} is chosen.`;
    choose("data");
  } catch (error) { mistake(error); }
});
by("content").addEventListener("click", async (event) => {
  const button = event.target.closest(".copied button");
  if (button === null) return;
  await navigator.clipboard.writeText(button.parentElement.querySelector("pre").textContent);
  button.textContent = "Copied";
  by("said").textContent = "Copied.";
});

follow(await ask("fit"));
choose(recall());
poll();
