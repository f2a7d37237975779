import { WeirError } from '../../config/errors.ts';

/** A Sigma rule that is wrong, or asks for what weir cannot see: the reason, for its author. */
export class SigmaRefusal extends WeirError {
  constructor(message: string) {
    super('SIGMA_RULE', message, { exitCode: 78 });
  }
}

/** A text of a rule as a message shows it, shortened. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
