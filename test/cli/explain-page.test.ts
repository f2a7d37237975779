import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Explained } from '../../src/cli/explain/explained.ts';
import type { NamedRow } from '../../src/cli/explain/named-rows.ts';
import { page } from '../../src/cli/explain/page/page.ts';
import type { TreeProcess } from '../../src/cli/explain/process-tree.ts';
import { Browser } from '../helpers/browser.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';

/** Whoever is watched chooses names: none of it may become markup or another line. */
const HOSTILE = `</title></script><script>window.taken=1</script><img src=x onerror="window.taken=2">'"&
\u001b[2J\u202e\ud800`;

const START = 1_700_000_000;

function process(id: number, parentId: number, cmdline: string): TreeProcess {
  const path = id === 2 ? `/tmp/${HOSTILE}` : '/usr/bin/sh';
  return {
    id: `${id}`,
    pid: `${1000 + id}`,
    path,
    cmdline,
    username: 'root',
    parentId: parentId === 0 ? '' : `${parentId}`,
  };
}

function event(seq: number, table: string, process_id: number, columns: NamedRow): NamedRow {
  const [time, ntime] = [`${START + seq}`, `${START + seq}123456789`];
  return { table, seq: `${seq}`, time, ntime, process_id: `${process_id}`, pid: '7', ...columns };
}

const PATH = '/usr/bin/sh';
const EVENTS: readonly NamedRow[] = [
  event(1, 'process_events', 2, { path: PATH, cmdline: HOSTILE, parent: '1', parent_path: PATH }),
  event(2, 'process_file_events', 3, {
    operation: 'rename',
    executable: PATH,
    path: `/tmp/${HOSTILE}`,
    dest_path: '/tmp/x',
  }),
  event(3, 'socket_events', 3, {
    action: 'connect',
    path: PATH,
    status: 'succeeded',
    remote_address: '2001:db8::1',
    remote_port: '443',
  }),
  event(4, 'dns_events', 3, { action: 'question', path: PATH, query: `${HOSTILE}.example` }),
  event(5, 'kernel_events', 2, { action: 'ptrace_attach', path: PATH, target_pid: '1' }),
];

function explained(): Explained {
  const row = JSON.stringify({ process_id: '2', path: `/tmp/${HOSTILE}`, time: `${START + 2}` });
  return {
    detection: {
      id: 12,
      host: HOSTILE,
      rule: HOSTILE,
      severity: 'high',
      attack: ['T1059'],
      description: HOSTILE,
      status: 'new',
      statusTime: null,
      firstTime: START,
      lastTime: START + 5,
      count: 1,
      row,
    },
    rows: [{ id: 'a-1-0', unixTime: START + 3, row }],
    around: {
      tree: {
        line: [process(1, 0, '/sbin/init'), process(2, 1, HOSTILE)],
        descendants: [process(3, 2, 'x'.repeat(200_000)), process(4, 3, ''), process(5, 2, 'sh')],
        cut: true,
      },
      timeline: { rows: EVENTS, cut: false },
    },
  };
}

const COUNT = (selector: string): string => `document.querySelectorAll('${selector}').length`;

describe('the page of weir explain', function () {
  this.timeout(60_000);
  let folder: string;
  let file: string;
  let browser: Browser;

  const shown = async (): Promise<unknown> =>
    JSON.parse(
      String(
        await browser.value(`JSON.stringify([
          ${COUNT('#events tbody tr:not([hidden])')}, ${COUNT('#timeline .mark:not(.off)')},
          document.getElementById('shown').textContent])`),
      ),
    );
  const click = (selector: string): Promise<unknown> =>
    browser.value(
      `document.querySelector('${selector}').dispatchEvent(new MouseEvent('click', {bubbles: true}))`,
    );

  before(async () => {
    folder = makeScratch();
    file = join(folder, 'page.html');
    writeFileSync(file, page(explained()));
    browser = await Browser.start();
  });

  beforeEach(() => browser.open(file));

  after(async () => {
    await browser?.stop();
    removeScratch(folder);
  });

  it('draws processes and events, asks for nothing and raises no error', async () => {
    assert.equal(await browser.value(COUNT('#tree .node')), 5);
    assert.equal(await browser.value(COUNT('#tree .link')), 4);
    assert.equal(await browser.value(COUNT('#tree .node.own')), 1);
    assert.equal(await browser.value(COUNT('#lanes text')), 2);
    assert.equal(await browser.value(COUNT('#timeline .found')), 1);
    assert.deepEqual(await shown(), [5, 5, '5']);
    for (const kind of ['program', 'file', 'socket', 'name', 'kernel']) {
      assert.equal(await browser.value(COUNT(`#timeline .mark.${kind}`)), 1, kind);
    }
    const places = await browser.value(
      `[...document.querySelectorAll('#timeline .mark')].map((each) => each.getBoundingClientRect().x)`,
    );
    const xs = places as number[];
    assert.deepEqual(
      xs,
      xs.toSorted((a, b) => a - b),
      'in order of time',
    );
    assert.ok(new Set(xs).size === 5 && xs.every((x) => x >= 0), String(xs));
    assert.deepEqual(browser.complaints, []);
  });

  it('shows what is hostile as text', async () => {
    assert.equal(await browser.value('typeof window.taken'), 'undefined');
    assert.equal(await browser.value(COUNT('script')), 1);
    assert.equal(await browser.value(COUNT('img')), 0);
    const title = String(await browser.value('document.title'));
    assert.ok(title.includes('<script>window.taken=1</script>'), title);
    assert.ok(title.includes('\\x1b[2J\\u202e\ufffd'), title);
    const text = String(await browser.value('document.body.textContent'));
    assert.ok(!['\u001b', '\u202e'].some((each) => text.includes(each)));
    assert.ok(text.length < 50_000, 'long command lines are cut');
  });

  it('its policy refuses other scripts and every request', async () => {
    await browser.value(`{
      const script = document.createElement('script');
      script.textContent = 'window.taken = 3';
      document.body.append(script);
      document.body.setAttribute('onclick', 'window.taken = 4');
      document.body.click();
      const image = document.createElement('img');
      image.src = 'http://127.0.0.1:1/x.png';
      document.body.append(image);
    }`);
    assert.equal(await browser.value('typeof window.taken'), 'undefined');
    const refused = browser.complaints.filter((text) => /Content Security Policy/.test(text));
    assert.ok(refused.length >= 2, browser.complaints.join('\n'));
  });

  it('filters by text, kind and process', async () => {
    await browser.value(`{
      const filter = document.getElementById('filter');
      filter.value = '2001:DB8';
      filter.dispatchEvent(new Event('input'));
    }`);
    assert.deepEqual(await shown(), [1, 1, '1']);
    await browser.value(`{
      const filter = document.getElementById('filter');
      filter.value = '';
      filter.dispatchEvent(new Event('input'));
    }`);
    await click('.controls input[data-kind=file]');
    assert.deepEqual(await shown(), [4, 4, '4']);
    await click('#tree .node.own');
    assert.deepEqual(await shown(), [2, 2, '2']);
    await click('#tree .node.own');
    await click('.controls input[data-kind=file]');
    assert.deepEqual(await shown(), [5, 5, '5']);
  });

  it('widens the time, and tells of the event that is pointed at', async () => {
    const width = "document.getElementById('timeline').getBoundingClientRect().width";
    const before = Number(await browser.value(width));
    await click('#in');
    await click('#in');
    assert.ok(Math.abs(Number(await browser.value(width)) - 4 * before) < 1);
    await click('#all');
    assert.equal(Number(await browser.value(width)), before);
    await click('#timeline .mark.socket');
    const detail = String(await browser.value("document.getElementById('detail').textContent"));
    assert.match(detail, /sh\[7\] {2}connect \[2001:db8::1\]:443/);
    assert.equal(await browser.value(COUNT('tr.chosen[data-kind=socket]')), 1);
  });

  it('fits a phone, and follows light and dark', async () => {
    const screen = { width: 360, height: 740, deviceScaleFactor: 2, mobile: true };
    await browser.call('Emulation.setDeviceMetricsOverride', screen);
    const backs: unknown[] = [];
    for (const value of ['light', 'dark']) {
      const features = [{ name: 'prefers-color-scheme', value }];
      await browser.call('Emulation.setEmulatedMedia', { features });
      backs.push(await browser.value('getComputedStyle(document.body).backgroundColor'));
    }
    assert.deepEqual(backs, ['rgb(255, 255, 255)', 'rgb(13, 17, 23)']);
    assert.equal(await browser.value('document.documentElement.scrollWidth'), 360);
    await browser.call('Emulation.clearDeviceMetricsOverride');
  });

  it('of a detection without process has its rows', async () => {
    const other = join(folder, 'other.html');
    writeFileSync(other, page({ ...explained(), around: undefined }));
    await browser.open(other);
    assert.equal(await browser.value(COUNT('details')), 1);
    assert.match(String(await browser.value('document.body.textContent')), /name no process/);
    assert.deepEqual(browser.complaints, []);
  });
});
