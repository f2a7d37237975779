import type { Knex } from 'knex';

interface Step {
  readonly name: string;
  up(knex: Knex): Promise<void>;
}

const NAME = 255;

/** Cursors are decimal text: neither database's driver returns 64-bit integers exactly by default. */
const FIRST: Step = {
  name: '001_results',
  async up(knex) {
    await knex.schema.createTable('store_meta', (t) => {
      t.string('key', NAME).primary();
      t.text('value').notNullable();
    });
    await knex.schema.createTable('query_state', (t) => {
      t.string('host', NAME);
      t.string('name', NAME);
      t.string('sql_hash', 64).notNullable();
      t.bigInteger('epoch').notNullable();
      t.bigInteger('counter').notNullable();
      t.string('cursor', 20);
      t.bigInteger('ran_at').notNullable();
      t.primary(['host', 'name']);
    });
    await knex.schema.createTable('previous_rows', (t) => {
      t.string('host', NAME);
      t.string('name', NAME);
      t.string('hash', 64); // of `columns`, which is too long to be a key
      t.text('columns').notNullable();
      t.integer('copies').notNullable();
      t.primary(['host', 'name', 'hash']);
    });
    await knex.schema.createTable('intervals', (t) => {
      t.string('host', NAME);
      t.string('name', NAME);
      t.integer('interval').notNullable();
      t.integer('splayed').notNullable();
      t.primary(['host', 'name']);
    });
    await knex.schema.createTable('runs', (t) => {
      t.bigIncrements('id');
      t.string('host', NAME).notNullable();
      t.string('name', NAME).notNullable();
      t.string('kind', 16).notNullable();
      t.bigInteger('unix_time').notNullable();
      t.bigInteger('epoch').notNullable();
      t.bigInteger('counter').notNullable();
      t.boolean('numerics').notNullable();
      t.text('decorations').notNullable();
      t.integer('row_count').notNullable();
      t.index(['host', 'id']);
    });
    await knex.schema.createTable('results', (t) => {
      t.bigInteger('run_id');
      t.integer('idx');
      t.string('action', 16).notNullable();
      t.text('columns').notNullable();
      t.primary(['run_id', 'idx']);
    });
    await knex.schema.createTable('sink_positions', (t) => {
      t.string('host', NAME);
      t.string('sink', NAME);
      t.bigInteger('run_id').notNullable();
      t.integer('idx').notNullable();
      t.primary(['host', 'sink']);
    });
    await knex.schema.createTable('detections', (t) => {
      t.bigIncrements('id');
      t.string('host', NAME).notNullable();
      t.bigInteger('run_id').notNullable();
      t.integer('idx').notNullable();
      t.string('rule', NAME).notNullable();
      t.string('severity', 16).notNullable();
      t.text('attack').notNullable(); // JSON array
      t.text('description').notNullable();
      t.bigInteger('unix_time').notNullable();
      t.bigInteger('count').notNullable().defaultTo(1);
      t.string('status', 16).notNullable().defaultTo('new');
      t.text('row').notNullable();
      t.unique(['run_id', 'idx']);
      t.index(['host', 'unix_time']);
    });
  },
};

/** Queries that crossed their limits. */
const DENIED: Step = {
  name: '002_denied_queries',
  async up(knex) {
    await knex.schema.createTable('denied_queries', (t) => {
      t.string('host', NAME);
      t.string('name', NAME);
      t.string('sql_hash', 64).notNullable();
      t.bigInteger('until').notNullable();
      t.text('reason').notNullable();
      t.primary(['host', 'name']);
    });
  },
};

/** What made a run's rows detections, for formats that say so in each line. */
const RULE: Step = {
  name: '003_rule_of_run',
  async up(knex) {
    await knex.schema.alterTable('runs', (t) => {
      t.text('rule'); // JSON of RuleInfo
    });
  },
};

/** Repeats as one detection with a status; each row from before becomes one of its own. */
const GROUPS: Step = {
  name: '004_detection_groups',
  async up(knex) {
    await knex.schema.createTable('detection_groups', (t) => {
      t.bigIncrements('id');
      t.string('host', NAME).notNullable();
      t.string('group_key', 64).notNullable();
      t.string('open_key', 64); // group_key while repeats join, then NULL
      t.string('rule', NAME).notNullable();
      t.string('severity', 16).notNullable();
      t.text('attack').notNullable(); // JSON array
      t.text('description').notNullable();
      t.string('status', 16).notNullable();
      t.bigInteger('status_time');
      t.bigInteger('first_time').notNullable();
      t.bigInteger('last_time').notNullable();
      t.bigInteger('count').notNullable();
      t.text('row').notNullable();
      t.unique(['host', 'open_key']);
      t.index(['host', 'last_time']);
    });
    await knex.schema.raw('ALTER TABLE detections ADD COLUMN group_id bigint');
    await knex.raw(
      `INSERT INTO detection_groups (host, group_key, open_key, rule, severity, attack, description,
         status, first_time, last_time, count, ??)
       SELECT host, 'row ' || id, 'row ' || id, rule, severity, attack, description,
         'new', unix_time, unix_time, 1, ?? FROM detections`,
      ['row', 'row'],
    );
    await knex.raw(
      `UPDATE detections SET group_id =
         (SELECT g.id FROM detection_groups g
          WHERE g.host = detections.host AND g.open_key = 'row ' || detections.id)`,
    );
    await knex.schema.raw('ALTER TABLE detections DROP COLUMN status');
    await knex.schema.raw('ALTER TABLE detections DROP COLUMN count');
    await knex.schema.alterTable('detections', (t) => {
      t.index(['group_id', 'id']);
    });
  },
};

/** Rows that a person wants no detections of for a while. */
const SUPPRESSIONS: Step = {
  name: '005_suppressions',
  async up(knex) {
    await knex.schema.createTable('suppressions', (t) => {
      t.bigIncrements('id');
      t.string('host', NAME).notNullable();
      t.string('rule', NAME).notNullable();
      t.text('conditions').notNullable(); // JSON array of SuppressionCondition
      t.text('reason').notNullable();
      t.bigInteger('created').notNullable();
      t.bigInteger('until').notNullable();
      t.bigInteger('count').notNullable();
      t.bigInteger('last_time');
      t.index(['host', 'rule']);
    });
    await knex.schema.alterTable('results', (t) => {
      t.boolean('suppressed'); // NULL: no
    });
  },
};

/** What was done about detections and verdicts. */
const RESPONSES: Step = {
  name: '006_responses',
  async up(knex) {
    await knex.schema.createTable('responses', (t) => {
      t.bigIncrements('id');
      t.string('host', NAME).notNullable();
      t.bigInteger('unix_time').notNullable();
      t.string('detection', NAME);
      t.string('rule', NAME).notNullable();
      t.string('action', 16).notNullable();
      t.string('place', 16).notNullable();
      t.string('outcome', 16).notNullable();
      t.text('reason').notNullable();
      t.bigInteger('pid');
      t.string('process_id', 20); // decimal
      t.text('path');
      t.string('command', NAME);
      t.integer('exit_code');
      t.index(['host', 'id']);
    });
  },
};

const STEPS: readonly Step[] = [FIRST, DENIED, RULE, GROUPS, SUPPRESSIONS, RESPONSES];

/** Migrations live in code so that a packaged weir has no loose files to lose. */
export const MIGRATIONS: Knex.MigrationSource<Step> = {
  getMigrations: () => Promise.resolve([...STEPS]),
  getMigrationName: (step) => step.name,
  getMigration: (step) =>
    Promise.resolve({
      up: (knex: Knex) => step.up(knex),
      down: () => Promise.reject(new Error('results are not migrated backwards')),
    }),
};
