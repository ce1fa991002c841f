// The page: fills each section from the data block, or leaves it hidden where a run has nothing to show.

const data = JSON.parse(document.getElementById("data").textContent);
const INK = { accent: "#1d5bb8", pale: "#9dbbe6", won: "#0a7355", lost: "#b04a08", violet: "#6a45b8", grey: "#8a94a5" };
const BUCKETS = ["#c9cfd8", "#cfe1f3", "#9cc5e4", "#5f9fd0", "#2f74b5", "#173f78"];

const byId = (id) => document.getElementById(id);

function fillSection(id, lead, ...content) {
  const section = byId(id);
  section.hidden = false;
  section.append(...[el("h2", {}, section.dataset.name), lead ? el("p", { class: "lead" }, lead) : null, ...content].filter(Boolean));
}

function card(size, title, about, ...content) {
  return el("div", { class: "card " + size }, el("h3", {}, title), about ? el("p", { class: "about" }, about) : null, ...content);
}

function chart(draw, spec) {
  const host = el("div", { class: "chart" });
  queueMicrotask(() => draw(host, spec));
  return host;
}

function table(columns, rows) {
  return el("div", { class: "scroll" }, el("table", {},
    el("thead", {}, el("tr", {}, columns.map((column) => el("th", { scope: "col", class: column.number ? "number" : null }, column.name)))),
    el("tbody", {}, rows.map((row) => el("tr", {}, columns.map((column) => el("td", { class: column.number ? "number" : null }, column.show(row))))))));
}

// -- head ---------------------------------------------------------------------------------------------------------------

function drawHead() {
  byId("eyebrow").append(data.run, el("span", { class: "badge " + data.status.kind }, data.status.text));
  byId("facts").append(...data.facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
  byId("notes").append(...data.notes.map((text) => el("p", { class: "note", role: "note" }, text)));
}

function drawContents() {
  const sections = [...document.querySelectorAll("main > section:not([hidden])")];
  const links = sections.map((section) => el("a", { href: "#" + section.id }, section.dataset.name));
  byId("contents").append(...links);
  const mark = () => {
    let current = 0;
    sections.forEach((section, i) => { if (section.getBoundingClientRect().top < 120) current = i; });
    links.forEach((link, i) => (i === current ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current")));
  };
  addEventListener("scroll", mark, { passive: true });
  mark();
}

// -- success ------------------------------------------------------------------------------------------------------------

function drawSuccess() {
  const rounds = data.rounds.filter((row) => Number.isFinite(row.success));
  if (!rounds.length && !data.evaluations.length) return;
  const figures = data.figures.map((figure) => el("div", { class: "card quarter" },
    el("p", { class: "figure-label" }, figure.label),
    el("p", { class: "figure-value" }, figure.value, figure.unit ? el("small", {}, " " + figure.unit) : null),
    el("p", { class: "figure-detail" }, figure.detail)));

  const axes = {
    round: { name: "after round", title: "round", of: (row) => row.round },
    episodes: { name: "after rollouts", title: "rollouts", of: (row) => row.cumulative_episodes },
  };
  const host = el("div", {});
  const show = (key) => host.replaceChildren(...successCurve(rounds, axes[key]));
  const buttons = Object.entries(axes).map(([key, axis], i) => el("button", {
    type: "button", "aria-pressed": String(i === 0),
    onclick: (event) => {
      for (const button of buttons) button.setAttribute("aria-pressed", String(button === event.currentTarget));
      show(key);
    },
  }, "by " + axis.title));
  show("round");

  const curve = el("div", { class: "card" }, el("div", { class: "card-head" },
    el("div", {}, el("h3", {}, "Share of episodes that succeed"),
      el("p", { class: "about sub" }, "Training counts the rollouts of each round, on tasks that the sampler chose. Held-out tasks are never trained on; bars show 95 % intervals.")),
    rounds.length > 1 ? el("div", { class: "segmented", role: "group", "aria-label": "Horizontal axis" }, buttons) : null), host);
  fillSection("success", null, el("div", { class: "grid" }, figures), el("div", { class: "grid" }, curve), evaluationTable());
}

function successCurve(rounds, axis) {
  const places = new Map(data.rounds.map((row) => [row.round, axis.of(row)]));
  const at = (round) => places.get(round) ?? 0;
  const series = [];
  const training = rounds.map((row) => ({ x: axis.of(row), y: row.success }));
  const span = rounds.length >= 12 ? 5 : 1;
  if (training.length) series.push({ name: "training, each round", kind: "line", color: span > 1 ? INK.pale : INK.accent, weight: span > 1 ? 1.25 : 2, dots: rounds.length <= 60, data: training });
  if (span > 1) {
    series.push({ name: `training, mean of ${span} rounds`, kind: "line", color: INK.accent, weight: 2.5, data: training.map((point, i) => {
      const near = training.slice(Math.max(0, i - 2), i + 3);
      return { x: point.x, y: near.reduce((sum, other) => sum + other.y, 0) / near.length };
    }) });
  }
  const rated = data.rounds.filter((row) => Number.isFinite(row.mean_rate));
  // With fresh tasks in every round the tracked rate says the same as the round's success.
  if (rated.length > 1 && rated.some((row) => Math.abs(row.mean_rate - row.success) > 0.005)) series.push({ name: "mean tracked rate of the round's tasks", kind: "line", color: INK.grey, weight: 1.5, dash: "5 4", data: rated.map((row) => ({ x: axis.of(row), y: row.mean_rate })) });
  const looks = [{ color: INK.lost }, { color: INK.violet, square: true }, { color: INK.won, hollow: true }];
  [...new Set(data.evaluations.map((row) => row.split))].forEach((split, i) => {
    series.push({ name: "evaluation, " + split, kind: "points", ...looks[i % looks.length], data: data.evaluations.filter((row) => row.split === split).map((row) => ({ x: at(row.round), y: row.rate, low: row.low, high: row.high })) });
  });
  return [legend(series), chart(lineChart, {
    label: "Success by " + axis.title, height: 320, inset: 14, series, x: { title: axis.title, name: axis.name, format: integer },
    y: { domain: [0, 1], format: (value) => percent(value), exact: (value) => percent(value, 1) }, yTicks: 5,
  })];
}

function evaluationTable() {
  const rounds = [...new Set(data.evaluations.map((row) => row.round))];
  const splits = [...new Set(data.evaluations.map((row) => row.split))];
  if (!rounds.length) return null;
  const when = (round) => (round === 0 ? "before the first round" : `after round ${round}`);
  const find = (round, split) => data.evaluations.find((row) => row.round === round && row.split === split);
  const cards = [card("", "Evaluations", null, table([{ name: "When", show: when }, ...splits.flatMap((split) => [
    { name: `Success, ${split}`, number: true, show: (round) => percent(find(round, split)?.rate, 1) },
    { name: "95 % interval", number: true, show: (round) => (find(round, split) ? `${percent(find(round, split).low, 1)} to ${percent(find(round, split).high, 1)}` : "–") },
    { name: "Solved", number: true, show: (round) => (find(round, split) ? `${integer(find(round, split).successes)} of ${integer(find(round, split).episodes)}` : "–") },
  ])], rounds))];
  for (const split of splits) {
    const found = rounds.map((round) => find(round, split)).filter(Boolean);
    const [first, last] = [found[0], found[found.length - 1]];
    const groups = Object.keys(last.by_group || {});
    if (groups.length < 2) continue;
    const share = ([won, played]) => `${percent(won / played)} (${won} of ${played})`;
    const columns = [{ name: "Kind of task", show: (group) => group.replaceAll("_", " ") }];
    for (const row of new Set([first, last])) {
      const name = row.round === 0 ? "Before" : `After round ${row.round}`;
      columns.push({ name, number: true, show: (group) => (row.by_group[group] ? share(row.by_group[group]) : "–") });
    }
    cards.push(card(splits.length > 1 ? "half" : "", `By kind of task, ${split} tasks`, null, table(columns, groups)));
  }
  return el("div", { class: "grid" }, cards);
}

// -- tasks --------------------------------------------------------------------------------------------------------------

function drawTasks() {
  const { tasks } = data;
  if (!tasks || !tasks.rows.length) return;
  const charts = [];
  if (tasks.windows) {
    const series = tasks.windows.map((window, i) => ({ name: `${window.name} (${integer(window.tasks)} tasks)`, kind: "bars", color: i ? INK.accent : "#c3ccd9", values: window.shares }));
    charts.push(card("half", "Success per task, at the start and at the end", "Tasks by the share of their rollouts that succeeded.", legend(series), chart(barChart, {
      label: "Histogram of success per task at the start and at the end", height: 230, categories: ["0", "0–20", "20–40", "40–60", "60–80", "80–100", "100"],
      x: { title: "rollouts of a task that succeeded, %", name: "success in %:" }, y: { format: (value) => percent(value), exact: (value) => percent(value, 1) + " of tasks" }, series,
    })));
  }
  if (tasks.progress.length > 1) {
    const line = (name, key, look) => ({ name, kind: "line", ...look, data: tasks.progress.map((row) => ({ x: row.round, y: row[key] })) });
    const series = [line("tasks seen", "seen", { color: INK.grey, dash: "5 4", weight: 1.5 }), line("above 60 % success", "mastered", { color: INK.accent, weight: 2.5 })];
    charts.push(card("half", "Tasks above 60 % success", "By the tracked rate after each round.", legend(series), chart(lineChart, {
      label: "Number of tasks above 60 % success by round", height: 230, series, x: { title: "round", name: "after round", format: integer },
      y: { domain: [0, Math.max(1, ...tasks.progress.map((row) => row.seen)) * 1.04], format: compact, exact: integer },
    })));
  }
  fillSection("tasks", tasks.lead, el("div", { class: "grid" }, charts), el("div", { class: "grid" }, taskTable(tasks.rows)));
}

function taskTable(rows) {
  const change = (row) => (row.rounds > 1 ? row.last - row.first : null);
  const isRepeated = rows.some((row) => row.rounds > 1);
  const columns = [
    { name: "Task", key: (row) => row.instruction || row.id, show: (row) => [row.instruction || row.id, row.instruction ? el("span", { class: "sub" }, row.id) : null] },
    isRepeated && { name: "Rounds", number: true, key: (row) => row.rounds, show: (row) => integer(row.rounds) },
    { name: "Rollouts", number: true, key: (row) => row.rollouts, show: (row) => integer(row.rollouts) },
    { name: "Solved", number: true, key: (row) => row.successes, show: (row) => integer(row.successes) },
    isRepeated && { name: "First round", number: true, key: (row) => row.first, show: (row) => percent(row.first) },
    isRepeated && { name: "Last round", number: true, key: (row) => row.last, show: (row) => percent(row.last) },
    isRepeated && { name: "Change", number: true, key: (row) => change(row) ?? -9, show: (row) => (change(row) === null ? "–" : (change(row) > 0 ? "+" : "") + minus((100 * change(row)).toFixed(0))) },
    { name: "Tracked rate", nowrap: true, descending: true, key: (row) => row.rate, show: (row) => [meter(row.rate), percent(row.rate)] },
    { name: "Above 60 %", key: (row) => row.mastered ?? 1e9, show: (row) => (row.mastered === null ? "–" : row.mastered === row.first_round ? "from the start" : `since round ${row.mastered}`) },
  ].filter(Boolean);
  const state = { column: columns.findIndex((column) => column.nowrap), descending: true, text: "", only: "all", limit: 12 };
  const head = columns.map((column, i) => el("th", { scope: "col", class: column.number ? "number" : null }, el("button", {
    type: "button", onclick: () => {
      state.descending = state.column === i ? !state.descending : Boolean(column.number || column.descending);
      state.column = i;
      draw();
    },
  }, column.name)));
  const body = el("tbody");
  const count = el("p", { class: "sub", role: "status" });
  const more = el("button", { type: "button", class: "button", onclick: () => { state.limit += 50; draw(); } }, "Show more");
  const search = el("input", { type: "search", placeholder: "Find a task", "aria-label": "Find a task", oninput: () => { state.text = search.value.toLowerCase(); draw(); } });
  const only = el("select", { "aria-label": "Which tasks", onchange: () => { state.only = only.value; draw(); } },
    [["all", "All tasks"], ["became", "Became mastered"], ["mastered", "Above 60 %"], ["never", "Never solved"]].map(([value, name]) => el("option", { value }, name)));
  const kept = { all: () => true, became: (row) => row.mastered !== null && row.mastered !== row.first_round, mastered: (row) => row.mastered !== null, never: (row) => row.successes === 0 };

  function draw() {
    const found = rows.filter((row) => kept[state.only](row) && (row.instruction + " " + row.id).toLowerCase().includes(state.text));
    const key = columns[state.column].key;
    found.sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      return (x < y ? -1 : x > y ? 1 : 0) * (state.descending ? -1 : 1) || (a.id < b.id ? -1 : 1);
    });
    body.replaceChildren(...found.slice(0, state.limit).map((row) => el("tr", {}, columns.map((column) => el("td", { class: column.number ? "number" : column.nowrap ? "nowrap" : null }, column.show(row))))));
    head.forEach((cell, i) => (i === state.column ? cell.setAttribute("aria-sort", state.descending ? "descending" : "ascending") : cell.removeAttribute("aria-sort")));
    count.textContent = `${integer(Math.min(state.limit, found.length))} of ${integer(found.length)} shown`;
    more.hidden = found.length <= state.limit;
  }
  draw();
  return el("div", { class: "card" },
    el("div", { class: "card-head" }, el("div", {}, el("h3", {}, "Every task"), count), el("div", { class: "controls" }, search, only)),
    el("div", { class: "scroll" }, el("table", { id: "task-table" }, el("thead", {}, el("tr", {}, head)), body)), more);
}

function meter(share) {
  const fill = el("i");
  fill.style.width = 100 * share + "%";
  return el("span", { class: "meter", "aria-hidden": "true" }, fill);
}

// -- budget -------------------------------------------------------------------------------------------------------------

function drawBudget() {
  const cards = [];
  if (data.budget) {
    const { buckets, rounds } = data.budget;
    const total = buckets.reduce((sum, bucket) => sum + bucket.rollouts, 0);
    const most = Math.max(...buckets.map((bucket) => bucket.rollouts), 1);
    const cells = buckets.flatMap((bucket, i) => {
      const fill = el("i");
      fill.style.width = (100 * bucket.rollouts) / most + "%";
      fill.style.background = BUCKETS[i];
      return [el("span", {}, bucket.name), el("span", { class: "bar" }, fill),
        el("span", { class: "number" }, `${integer(bucket.rollouts)} (${percent(total ? bucket.rollouts / total : 0)})`),
        el("span", { class: "number optional" }, bucket.rollouts ? percent(bucket.successes / bucket.rollouts) : "–")];
    });
    cards.push(card("half", "Rollouts by what was known of the task", "The task's tracked success rate before the rollout.",
      el("div", { class: "share" }, el("span", { class: "head" }, "rate before"), el("span", {}), el("span", { class: "head number" }, "rollouts"), el("span", { class: "head number optional" }, "solved"), cells)));
    const series = buckets.map((bucket, i) => ({ name: bucket.name, kind: "bars", color: BUCKETS[i], values: rounds.map((row) => row.counts[i]) })).filter((item) => item.values.some(Boolean));
    cards.push(card("half", "The same, round by round", null, legend(series), chart(barChart, {
      label: "Rollouts by success rate and round", height: 220, stacked: true, series, categories: rounds.map((row) => row.round),
      x: { title: "round", name: "round" }, y: { format: compact, exact: integer },
    })));
  }
  const timed = data.rounds.filter((row) => Number.isFinite(row.rollout_s));
  if (timed.length) {
    const parts = [["rollout", "rollout_s", INK.accent], ["update", "update_s", INK.lost], ["evaluation", "evaluation_s", INK.violet]].filter(([, key]) => timed.some((row) => row[key] > 0));
    const series = parts.map(([name, key, color]) => ({ name, kind: "bars", color, values: timed.map((row) => row[key] || 0) }));
    const sums = series.map((item) => `${item.name} ${seconds(item.values.reduce((a, b) => a + b, 0))}`).join(", ");
    cards.push(card("half", "Seconds per round", `In all: ${sums}.`, legend(series), chart(barChart, {
      label: "Seconds per round", height: 200, stacked: true, series, categories: timed.map((row) => row.round), x: { title: "round", name: "round" }, y: { format: compact, exact: seconds },
    })));
  }
  const stepped = data.rounds.filter((row) => Number.isFinite(row.env_steps));
  if (stepped.length) {
    const sum = stepped.reduce((all, row) => all + row.env_steps, 0);
    cards.push(card("half", "Environment steps per round", `In all: ${integer(sum)} steps.`, chart(barChart, {
      label: "Environment steps per round", height: 228, series: [{ name: "steps", color: INK.accent, values: stepped.map((row) => row.env_steps) }],
      categories: stepped.map((row) => row.round), x: { title: "round", name: "round" }, y: { format: compact, exact: integer },
    })));
  }
  if (cards.length) fillSection("budget", "Where the rollouts, the environment steps and the time went.", el("div", { class: "grid" }, cards));
}

// -- optimisation -------------------------------------------------------------------------------------------------------

function drawOptimisation() {
  const cards = [];
  for (const { key, name, about } of data.curves) {
    const points = data.rounds.filter((row) => Number.isFinite(row[key])).map((row) => ({ x: row.round, y: row[key] }));
    if (!points.length) continue;
    cards.push(card("third", name, about, chart(lineChart, {
      label: `${name} by round`, height: 150, yTicks: 3, series: [{ name, kind: "line", color: INK.accent, weight: 1.75, data: points }],
      x: { name: "round", format: integer }, y: { format: compact, exact: compact },
    })));
  }
  if (data.warmstart.length > 1) {
    const keys = Object.keys(data.warmstart[0]).filter((key) => data.warmstart.some((row) => typeof row[key] === "number"));
    cards.push(card("", "Warm start", "Behaviour cloning from the expert, before the first round.", table(keys.map((key) => ({ name: key.replaceAll("_", " "), number: true, show: (row) => (typeof row[key] === "number" ? compact(row[key]) : "–") })), data.warmstart)));
  }
  if (cards.length) fillSection("optimisation", data.constants, el("div", { class: "grid" }, cards));
}

// -- episodes -----------------------------------------------------------------------------------------------------------

const OUTCOMES = { won: ["✓", "success"], lost: ["✕", "failure"], other: ["!", "not counted"] };
const outcome = (episode) => (episode.status !== "ok" || episode.superseded ? "other" : episode.won ? "won" : "lost");

function drawEpisodes() {
  const { items, strings, lead } = data.episodes;
  if (!items.length) return;
  const text = (index) => strings[index];
  const rounds = [...new Set(items.map((episode) => episode.round))];
  const roundName = (round) => (round === null ? "evaluation" : `round ${round}`);
  const state = { shown: [], current: null, limit: 200 };

  const search = el("input", { type: "search", placeholder: "Find by task, instruction or id", "aria-label": "Find an episode", oninput: () => filter() });
  const result = el("select", { "aria-label": "Outcome", onchange: () => filter() }, [["", "All outcomes"], ["won", "Successes"], ["lost", "Failures"], ["other", "Not counted"]].map(([value, name]) => el("option", { value }, name)));
  const round = el("select", { "aria-label": "Round", onchange: () => filter() }, el("option", { value: "" }, "All rounds"), rounds.map((value) => el("option", { value: String(value) }, roundName(value)[0].toUpperCase() + roundName(value).slice(1))));
  const count = el("p", { class: "count", role: "status" });
  const list = el("ol", { class: "list", "aria-label": "Episodes" });
  const detail = el("article", { class: "episode", id: "episode", "aria-live": "polite" });

  function filter() {
    const wanted = search.value.toLowerCase();
    state.shown = items.filter((episode) => (!result.value || outcome(episode) === result.value) && (!round.value || String(episode.round) === round.value)
      && (!wanted || `${text(episode.instruction)} ${episode.task} ${episode.id}`.toLowerCase().includes(wanted)));
    state.limit = 200;
    drawList();
    if (!state.shown.includes(state.current)) select(state.shown[0] || null);
  }

  function drawList() {
    const wins = state.shown.filter((episode) => outcome(episode) === "won").length;
    count.textContent = `${integer(state.shown.length)} episodes, ${integer(wins)} successful`;
    const entries = state.shown.slice(0, state.limit).map((episode) => el("li", {}, el("button", {
      type: "button", "aria-current": String(episode === state.current), onclick: () => { select(episode); if (innerWidth <= 900) detail.scrollIntoView(); },
    }, el("span", { class: "mark " + outcome(episode), title: OUTCOMES[outcome(episode)][1] }, OUTCOMES[outcome(episode)][0]),
      el("span", { class: "name" }, text(episode.instruction)), el("span", { class: "sub" }, `${roundName(episode.round)} · ${plural(episode.steps.length, "step")} · ${episode.task}`))));
    if (state.shown.length > state.limit) entries.push(el("li", {}, el("button", { type: "button", onclick: () => { state.limit += 400; drawList(); } }, el("span"), el("span", {}, "Show more"))));
    list.replaceChildren(...entries);
  }

  function select(episode) {
    state.current = episode;
    [...list.querySelectorAll("button[aria-current]")].forEach((button, i) => button.setAttribute("aria-current", String(state.shown[i] === episode)));
    detail.replaceChildren(...(episode ? episodeView(episode, text, roundName, move) : [el("p", { class: "empty" }, "No episode fits these filters.")]));
  }

  function move(by) {
    const next = state.shown[state.shown.indexOf(state.current) + by];
    if (!next) return;
    select(next);
    history.replaceState(null, "", "#episode=" + encodeURIComponent(next.id));
    byId("episodes").scrollIntoView();
  }

  fillSection("episodes", lead, el("div", { class: "browser" },
    el("div", { class: "picker" }, el("div", { class: "filters" }, search, result, round, count), list), detail));
  filter();
  const linked = decodeURIComponent(location.hash).match(/^#episode=(.*)$/);
  const target = linked && items.find((episode) => episode.id === linked[1]);
  if (target) { select(target); setTimeout(() => byId("episodes").scrollIntoView()); }
}

const plural = (count, noun) => `${integer(count)} ${noun}${count === 1 ? "" : "s"}`;

function episodeView(episode, text, roundName, move) {
  const kind = outcome(episode);
  const facts = [["Task", episode.task], ["Played in", roundName(episode.round)], ["Steps", integer(episode.steps.length)],
    ["Score", episode.score === null ? "–" : compact(episode.score)], ["Tracked rate before", episode.before === null ? "not seen before" : percent(episode.before)],
    ["Seed", episode.seed ?? "–"], ["Episode", episode.id]];
  if (episode.parent) facts.push(["Branched from", `${episode.parent}, step ${episode.branch_step}`]);
  const name = episode.superseded ? "superseded by a resumed run" : episode.status !== "ok" ? episode.status.replaceAll("_", " ") : OUTCOMES[kind][1];
  const steps = el("ol", { class: "steps" }, episode.steps.map((step, i) => stepView(step, i, text)));
  const strip = el("div", { class: "strip", role: "group", "aria-label": "Steps" }, episode.steps.map((step, i) => el("button", {
    type: "button", class: step.error !== undefined ? "invalid" : step.reward > 0 ? "rewarded" : null, title: text(step.action), "aria-label": `Step ${i + 1}: ${text(step.action)}`,
    onclick: () => steps.children[i].scrollIntoView({ behavior: "smooth" }),
  }, String(i + 1))));
  return [
    el("div", { class: "episode-head" }, el("div", {}, el("h3", {}, text(episode.instruction)), el("span", { class: "badge " + kind }, OUTCOMES[kind][0], " ", name)),
      el("div", {}, el("button", { type: "button", class: "button", onclick: () => move(-1) }, "Previous"), " ", el("button", { type: "button", class: "button", onclick: () => move(1) }, "Next"))),
    el("dl", { class: "facts" }, facts.map(([label, value]) => el("div", {}, el("dt", {}, label), el("dd", {}, String(value))))),
    episode.error ? el("p", { class: "note" }, episode.error) : null,
    episode.steps.length ? strip : el("p", { class: "empty" }, "This episode has no step."), steps,
    el("div", { class: "step" }, el("span", { class: "step-number" }, "end"), el("p", { class: "observation" }, text(episode.final) || "Nothing was shown.")),
  ].filter(Boolean);
}

function stepView(step, index, text) {
  const action = text(step.action);
  const measures = [];
  if (step.logp !== undefined) measures.push(["log-prob", step.logp.toFixed(2)], ["probability", step.logp > -6.9 ? percent(Math.exp(step.logp), 1) : "< 0.1 %"]);
  if (step.tokens !== undefined) measures.push(["tokens", integer(step.tokens)]);
  measures.push(["reward", compact(step.reward)]);
  if (step.version !== undefined) measures.push(["policy version", integer(step.version)]);
  if (step.raw === step.action) measures.push(["raw response", "the action itself"]);
  const ended = { terminated: "ended the episode", truncated: "step budget used up" }[step.end];
  const choices = step.choices && el("ul", { class: "choices", "aria-label": "Admissible actions" }, step.choices.map((choice) => el("li", { class: choice === step.action ? "chosen" : null }, text(choice))));
  return el("li", { class: "step" }, el("span", { class: "step-number" }, String(index + 1)), el("div", {},
    el("p", { class: "observation" }, text(step.observation)),
    el("p", { class: "act" + (step.error !== undefined ? " invalid" : "") }, action === "" ? "(empty)" : action),
    el("p", { class: "measures" },
      step.error !== undefined ? el("span", { class: "badge lost" }, "not valid") : el("span", {}, "valid"),
      measures.map(([name, value]) => el("span", {}, name + " ", el("b", {}, value))), ended ? el("span", { class: "badge other" }, ended) : null),
    step.error !== undefined ? el("p", { class: "sub" }, "Why not: " + text(step.error)) : null,
    step.raw !== undefined && step.raw !== step.action ? el("details", { open: true }, el("summary", {}, "Raw response"), el("pre", { class: "raw" }, text(step.raw))) : null,
    choices && step.choices.length > 12 ? el("details", { open: true }, el("summary", {}, `${step.choices.length} admissible actions`), choices) : choices,
    step.sampled ? el("details", {}, el("summary", {}, `${step.sampled.length} further actions sampled here, not executed`), el("ul", { class: "choices" }, step.sampled.map((other) => el("li", {}, text(other))))) : null));
}

// -- configuration ------------------------------------------------------------------------------------------------------

function drawConfiguration() {
  if (!data.config.length) return;
  fillSection("configuration", "Everything the run was started with, from config.json.", el("div", { class: "card" }, el("div", { class: "config" },
    data.config.map(([name, value]) => el("div", {}, el("span", {}, name), el("code", {}, value))))));
}

// -- all of it ----------------------------------------------------------------------------------------------------------

function fail(message) {
  document.documentElement.dataset.error = message;
  byId("notes").append(el("p", { class: "note", role: "alert" }, "A part of this page could not be drawn: " + message));
}

addEventListener("error", (event) => fail(event.message));
for (const draw of [drawHead, drawSuccess, drawTasks, drawBudget, drawOptimisation, drawEpisodes, drawConfiguration, drawContents]) {
  try { draw(); } catch (error) { fail(`${draw.name}: ${error.message}`); }
}
// Charts are drawn in microtasks, which come before this.
setTimeout(() => { document.documentElement.dataset.rendered = "true"; });
