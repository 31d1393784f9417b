import { userInfo } from 'node:os';
import { z } from 'zod';

/** An empty variable is one that is not set. */
const unset = (value: unknown) => (value === '' ? undefined : value);

const Settings = z.object({
  DATABASE_URL: z.preprocess(
    unset,
    z
      .url({ protocol: /^postgres(ql)?$/ })
      .transform(completed)
      .optional(),
  ),
  PORT: z.preprocess(unset, z.coerce.number().int().min(0).max(65_535).default(3000)),
});

/** Throws a sentence that names the variable. */
export function readSettings(env: NodeJS.ProcessEnv): { databaseUrl: string | undefined; port: number } {
  const { data, error } = Settings.safeParse(env);
  if (error) throw new Error(error.issues.map(({ path, message }) => `${path.join()}: ${message}`).join('; '));
  return { databaseUrl: data.DATABASE_URL, port: data.PORT };
}

/** What psql does for a URL without a user or a database: pg asks $USER alone, which a service may lack, and MikroORM refuses. */
function completed(given: string): string {
  const url = new URL(given);
  url.username ||= process.env.PGUSER ?? userInfo().username;
  if (url.pathname.length <= 1) url.pathname = process.env.PGDATABASE ?? url.username;
  return url.href;
}
