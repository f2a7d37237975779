import { defineTable, elsewhere, integer, text } from '../../bridge/table.ts';

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** Mon Nov  2 08:03:00 2026 UTC, as asctime writes it. */
function asctime(now: Date): string {
  const [weekday, day = '', month, year, time] = now.toUTCString().replace(',', '').split(' ');
  return `${weekday} ${month} ${String(Number(day)).padStart(2)} ${time} ${year} UTC`;
}

/** The abbreviation where there is a common one, else as GMT+1. Slow when asked first. */
function localZone(now: Date): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(now);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC';
}

export const time = defineTable({
  name: 'time',
  description: 'The time now, in UTC',
  rows: 1,
  columns: {
    weekday: text('Day of the week, in English'),
    year: integer('Year'),
    month: integer('Month, from 1'),
    day: integer('Day of the month'),
    hour: integer('Hour'),
    minutes: integer('Minute'),
    seconds: integer('Second'),
    timezone: text('Time zone of the columns: UTC'),
    local_timezone: text('Time zone of the host'),
    unix_time: integer('Seconds since 1970'),
    timestamp: text('As Mon Nov  2 08:03:00 2026 UTC'),
    datetime: text('As 2026-11-02T08:03:00Z', { aliases: ['date_time'] }),
    iso_8601: text('As 2026-11-02T08:03:00Z'),
    win_timestamp: elsewhere('BIGINT'),
  },
  examples: ['SELECT unix_time, iso_8601 FROM time'],
  *generate(context) {
    const now = new Date();
    const iso = now.toISOString().replace(/\.\d+Z$/, 'Z');
    yield {
      weekday: WEEKDAYS[now.getUTCDay()],
      year: now.getUTCFullYear(),
      month: now.getUTCMonth() + 1,
      day: now.getUTCDate(),
      hour: now.getUTCHours(),
      minutes: now.getUTCMinutes(),
      seconds: now.getUTCSeconds(),
      timezone: 'UTC',
      local_timezone: context.uses('local_timezone') ? localZone(now) : undefined,
      unix_time: Math.floor(now.getTime() / 1000),
      timestamp: asctime(now),
      datetime: iso,
      iso_8601: iso,
    };
  },
});
