/** SQL over the event tables that tells where events come from, and what to write to be rid of them. */

const TOP = 10;
/** What weir_hot_sources looks back at. */
const VIEW_SECONDS = 60;

/** Columns every class has, by table; the place in `exclude` that "tables" names. */
const CLASSES = [
  ['process', 'process_events', 'path', "'exec'"],
  ['lifecycle', 'process_lifecycle_events', 'path', 'action'],
  ['socket', 'socket_events', 'path', 'action'],
  ['dns', 'dns_events', 'path', 'action'],
  ['file', 'process_file_events', 'executable', 'operation'],
  ['kernel', 'kernel_events', 'path', 'action'],
  ['behavior', 'behavior_events', 'path', 'action'],
] as const;

/** The text as a pattern of `exclude` in which each character means itself. */
const literal = (column: string): string =>
  ['\\', '*', '?', '[', ']', '{', '}'].reduce(
    (sql, character) => `replace(${sql}, '${character}', '\\${character}')`,
    column,
  );

interface Kind {
  readonly kind: string;
  /** Rows: class, name, n (rows), events. */
  readonly from: string;
  /** SQL for a rule of `exclude` from `name`; NULL: no rule says that. */
  readonly rule: string;
  /** SQL for what `name` is called besides. */
  readonly label?: string;
}

const KINDS: readonly Kind[] = [
  {
    kind: 'file',
    // The root's rule would be one of everything. A rule of one file never holds for what leaves it under another name.
    from: `SELECT 'file' AS class, path AS name, sum(n) AS n, sum(events) AS events
           FROM f WHERE path <> '' AND moved_to = '' GROUP BY path`,
    rule: `CASE WHEN name <> '/' THEN json_object('path', ${literal('name')}) END`,
  },
  {
    kind: 'folder',
    // All below it, as the rule would hold; a name moved out of it is kept.
    from: `SELECT 'file' AS class, d.folder AS name, sum(f.n) AS n, sum(f.events) AS events
           FROM (SELECT rtrim(path, replace(path, '/', '')) AS folder
                 FROM f WHERE path LIKE '/%' GROUP BY 1 ORDER BY sum(n) DESC LIMIT ${TOP}) d
           JOIN f ON substr(f.path, 1, length(d.folder)) = d.folder
             AND (f.moved_to = '' OR substr(f.moved_to, 1, length(d.folder)) = d.folder)
           WHERE d.folder <> '/' GROUP BY d.folder`,
    rule: `json_object('path', ${literal('name')})`,
  },
  {
    kind: 'initiator',
    from: `SELECT class, initiator AS name, sum(n) AS n, sum(events) AS events
           FROM e WHERE initiator LIKE '/%' GROUP BY class, initiator`,
    // The rule is of the host's file: it would not hold for a container's of that name.
    rule: `CASE WHEN NOT EXISTS (SELECT 1 FROM e WHERE initiator = name AND container_id <> '')
            THEN json_object('executable', ${literal('name')}) END`,
  },
  {
    kind: 'action',
    from: `SELECT class, action AS name, sum(n) AS n, sum(events) AS events
           FROM e WHERE action <> '' GROUP BY class, action`,
    rule: `json_object('actions', json_array(name))`,
  },
  {
    kind: 'syscall',
    from: `SELECT class, CAST(syscall AS TEXT) AS name, sum(n) AS n, sum(events) AS events
           FROM e WHERE syscall <> '' GROUP BY class, syscall`,
    rule: 'NULL',
  },
  {
    kind: 'remote_address',
    from: `SELECT 'socket' AS class, remote_address AS name, sum(n) AS n, sum(events) AS events
           FROM s WHERE remote_address <> '' GROUP BY remote_address`,
    rule: `json_object('address', name)`,
  },
  {
    kind: 'port',
    // The rule holds for either end.
    from: `SELECT 'socket' AS class, CAST(port AS TEXT) AS name, sum(n) AS n, sum(events) AS events
           FROM (SELECT remote_port AS port, n, events FROM s
                 UNION ALL
                 SELECT local_port, n, events FROM s WHERE local_port IS NOT remote_port)
           WHERE port > 0 GROUP BY port`,
    rule: `json_object('port', CAST(name AS INTEGER))`,
  },
  {
    kind: 'container',
    from: `SELECT class, container_id AS name, sum(n) AS n, sum(events) AS events
           FROM e WHERE container_id <> '' GROUP BY class, container_id`,
    rule: `json_object('container', name)`,
    // Rows from before the runtime told have no name.
    label: `(SELECT nullif(concat_ws(' of ', max(container_name), max(container_image)), '')
             FROM e WHERE container_id = name)`,
  },
];

const since = (seconds: number): string => `time >= unixepoch() - ${seconds}`;

function events(seconds: number): string {
  return CLASSES.map(
    ([name, table, initiator, action]) =>
      `SELECT '${name}' AS class, ${initiator} AS initiator, ${action} AS action, syscall,
       container_id, container_name, container_image, cgroup_id, count(*) AS n,
       sum(count) AS events FROM ${table} WHERE ${since(seconds)} GROUP BY 1, 2, 3, 4, 5, 6, 7, 8`,
  ).join('\nUNION ALL\n');
}

/**
 * A SELECT of the busiest sources of stored events, each kind by itself.
 *
 * @param seconds how far back, a whole number
 */
export function hotSources(seconds: number): string {
  const parts = KINDS.map(
    ({ kind, from, rule, label = 'NULL' }) =>
      `SELECT * FROM (SELECT '${kind}' AS kind, name, group_concat(class, ', ') AS classes,
       sum(n) AS n, sum(events) AS events, sum(n * coalesce(row_bytes, 0)) AS bytes,
       ${rule} AS rule, ${label} AS label
       FROM (${from}) LEFT JOIN b USING (class) GROUP BY name ORDER BY n DESC, name LIMIT ${TOP})`,
  );
  return `WITH e AS MATERIALIZED (${events(seconds)}),
    f AS MATERIALIZED (SELECT path, CASE WHEN operation IN ('rename', 'link')
      THEN coalesce(dest_path, '') ELSE '' END AS moved_to, count(*) AS n, sum(count) AS events
      FROM process_file_events WHERE ${since(seconds)} GROUP BY 1, 2),
    s AS MATERIALIZED (SELECT remote_address, remote_port, local_port, count(*) AS n,
      sum(count) AS events FROM socket_events WHERE ${since(seconds)} GROUP BY 1, 2, 3),
    b AS MATERIALIZED (SELECT class, 1.0 * max(bytes) / max(rows) AS row_bytes
      FROM weir_tables WHERE rows > 0 GROUP BY class)
    SELECT CAST(kind AS TEXT) AS kind, CAST(name AS TEXT) AS name,
      CAST(classes AS TEXT) AS classes, CAST(n AS INTEGER) AS rows, CAST(events AS INTEGER) AS events,
      CAST(bytes AS INTEGER) AS bytes,
      CAST(100.0 * n / (SELECT sum(n) FROM e) AS REAL) AS percent,
      CAST(rule AS TEXT) AS exclusion, CAST(label AS TEXT) AS label
    FROM (${parts.join('\nUNION ALL\n')})`;
}

/** The table: a view that every connection to the store has. */
export const HOT_SOURCES = ['weir_hot_sources', hotSources(VIEW_SECONDS)] as const;
