// Runs in the page of `weir explain --html`. Everything is drawn already: this hides and widens.
(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);
  document.documentElement.classList.add('scripted');
  const timeline = byId('timeline');
  if (timeline === null) return;

  const marks = all('#timeline .mark');
  const rows = all('#events tbody tr');
  const boxes = all('.controls input[type=checkbox]');
  const nodes = all('#tree .node');
  let process = null; // of the node that was chosen

  function filter() {
    const words = byId('filter').value.toLowerCase();
    const kinds = new Set(boxes.filter((box) => box.checked).map((box) => box.dataset.kind));
    let shown = 0;
    for (const [i, row] of rows.entries()) {
      const visible =
        kinds.has(row.dataset.kind) &&
        (process === null || row.dataset.process === process) &&
        row.textContent.toLowerCase().includes(words);
      row.hidden = !visible;
      marks[i].classList.toggle('off', !visible);
      if (visible) shown += 1;
    }
    byId('shown').textContent = String(shown);
  }

  function tell(i) {
    byId('detail').textContent = [...rows[i].cells].map((cell) => cell.textContent).join('  ');
  }

  function choose(i) {
    for (const chosen of all('.mark.chosen, tr.chosen')) chosen.classList.remove('chosen');
    marks[i].classList.add('chosen');
    rows[i].classList.add('chosen');
    tell(i);
  }

  function chooseProcess(node) {
    process = process === node.dataset.process ? null : node.dataset.process;
    for (const each of nodes) each.classList.toggle('chosen', each.dataset.process === process);
    filter();
  }

  // What is in the middle stays there.
  let zoom = 1;
  function zoomTo(wanted) {
    const moving = byId('moving');
    const half = moving.clientWidth / 2;
    const middle = (moving.scrollLeft + half) / moving.scrollWidth;
    zoom = Math.min(Math.max(wanted, 1), 1000);
    timeline.style.width = `${zoom * 100}%`;
    timeline.classList.toggle('zoomed', zoom >= 4);
    moving.scrollLeft = middle * moving.scrollWidth - half;
  }

  byId('filter').addEventListener('input', filter);
  for (const box of boxes) box.addEventListener('change', filter);
  for (const [i, mark] of marks.entries()) {
    mark.addEventListener('pointerenter', () => tell(i));
    mark.addEventListener('click', () => {
      choose(i);
      rows[i].scrollIntoView({ block: 'nearest' });
    });
    rows[i].addEventListener('click', () => choose(i));
  }
  for (const node of nodes) {
    node.addEventListener('click', () => chooseProcess(node));
    node.addEventListener('keydown', ({ key }) => {
      if (key === 'Enter') chooseProcess(node);
    });
  }
  byId('in').addEventListener('click', () => zoomTo(zoom * 2));
  byId('out').addEventListener('click', () => zoomTo(zoom / 2));
  byId('all').addEventListener('click', () => zoomTo(1));
})();
