export interface SchemaVersion {
  readonly version: number;
  readonly name: string;
  readonly up: readonly string[];
}

const VERSION_TABLE = `create table if not exists "job_migration" (
  version int primary key,
  name text not null,
  applied_at timestamptz not null default now()
)`;

/**
 * A version's statements, its own record included: whoever runs them, the same schema and the same record come of it. One that is recorded already, by
 * another way of running them, is left as it is.
 */
export function statementsOf({ version, name, up }: SchemaVersion): string[] {
  const record = `insert into "job_migration" (version, name) values (${version}, '${name}')`;
  const once = `do $version$ begin
if exists (select 1 from "job_migration" where version = ${version}) then
  return;
end if;

${[...up, record].map((statement) => `${statement};`).join('\n\n')}
end $version$`;
  return [VERSION_TABLE, once];
}

/** The name that a version's migration is exported by: 'job-tracking-0001-jobs' is JobTracking0001Jobs. */
export function classNameOf({ name }: SchemaVersion): string {
  const words = name.split('-').map((word) => word.slice(0, 1).toUpperCase() + word.slice(1));
  return words.join('');
}
