import { z } from 'zod';
import { configSchema } from '../../config/schema.ts';

/** `weir config schema`: JSON Schema of the configuration, for editors. */
export async function schema(): Promise<number> {
  const made = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  const named = { title: 'Configuration of weir', ...made };
  process.stdout.write(`${JSON.stringify(named, null, 2)}\n`);
  return 0;
}
