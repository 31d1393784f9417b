/** The library's statements as a proxy knows them on the wire: by what only they say. */
export const STATEMENTS = {
  register: /^\s*insert into "job" as j \(kind, id, data,/,
  registerSet: /registered as \(\s*insert into "job"/,
  claimFirst: /^\s*update "job" j\s+set status = 'in_progress', claims = 1/,
  claimOrRegister: /^\s*insert into "job" as j \(kind, id, status,/,
  claimAgain: /\$9::int[\s\S]*for update of j\),/,
  takeOver: /\$9::int[\s\S]*for update of j skip locked\),/,
  claimDue: /generate_series[\s\S]*skip locked/,
  findExpired: /^\s*select id, claims from "job"[\s\S]*expires_at < now\(\)/,
  readStanding: /as waits_for/,
  renew: /expires_at = greatest\(j\.expires_at/,
  checkpoint: /set checkpoint = case/,
  assertHeld: /^\s*select 1 from "job" j where[\s\S]*expires_at is not null/,
  recordSuccess: /set status = 'succeeded', outcome = 'succeeded'/,
  recordEnding: /outcome = \$4::text, finished_at/,
  retry: /^\s*update "job" j\s+set status = 'pending', run_at/,
  ignore: /set status = 'ignored', reason = \$3::text/,
  release: /set status = 'pending', outcome = 'released'/,
  remove: /with gone as \(\s*delete from "job"/,
  retryMany: /with bite as materialized[\s\S]*set status = 'pending'/,
  ignoreMany: /with bite as materialized[\s\S]*set status = 'ignored'/,
  removeMany: /with bite as materialized[\s\S]*delete from "job" j using bite/,
} as const satisfies Record<string, RegExp>;

export type StatementName = keyof typeof STATEMENTS;
