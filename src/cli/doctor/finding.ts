/** `problem`: something does not work; `warning`: it works less well; `info` and `ok` need nothing. */
export type Level = 'ok' | 'info' | 'warning' | 'problem';

/** What doctor found out about one thing. */
export interface Finding {
  readonly area: string; // kernel, rights, disk, ...
  readonly level: Level;
  readonly text: string;
  readonly remedy?: string;
}

export function finding(area: string, level: Level, text: string, remedy?: string): Finding {
  return remedy === undefined ? { area, level, text } : { area, level, text, remedy };
}
