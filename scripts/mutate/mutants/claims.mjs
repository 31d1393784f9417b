// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are texts of the source.
import { any, of } from './mutant.mjs';

// Not here, as nothing can tell the difference:
// - `status = 'in_progress'` beside a lease (the CHECK job_lease makes it the same), the order of findExpired, the inner limit of claimDue, arrays
//   behind sub-selects: they are the planner's;
// - `materialized` of a CTE that locks, which is never folded;
// - kind and tokens in findGranted: of what it finds only tokens in doubt are adopted, and a token is of one kind; they keep the answer small;
// - columns whose loss a CHECK refuses, so that nothing would be granted at all (status, expires_at, outcome with finished_at).

const columns = of('afterDone', 'postgres/sql/columns.ts');
const shared = [
  columns('the step has succeeded', "and p.status = 'succeeded')", "and (p.status = 'succeeded' or true))"),
  columns('the step is of the same id', 'and p.id = ${id} and', 'and (p.id = ${id} or true) and'),
  columns('each step counts for itself', 'where p.kind = step.kind and', 'where p.kind is not null and'),
  of('sameData', 'postgres/sql/columns.ts')(
    'the hash is compared',
    'j.data_hash is not distinct from ${hash}::text',
    any('j.data_hash is not distinct from ${hash}::text'),
  ),
  of('sameData', 'postgres/sql/columns.ts')(
    'only when that is asked',
    '(not ${asked}::bool or',
    '((not ${asked}::bool and false) or',
  ),
  of('JOB_COLUMNS', 'postgres/sql/columns.ts')(
    'expires_in is never below 0',
    "greatest(0, ${until('j.expires_at')})::text",
    "(${until('j.expires_at')})::text",
  ),
  of('JOB_COLUMNS', 'postgres/sql/columns.ts')(
    'due_in is never below 0',
    "greatest(0, ${until('j.run_at')})::text",
    "(${until('j.run_at')})::text",
  ),
];

const first = of('claimFirst', 'postgres/sql/claim-first.ts');
const claimFirst = [
  first('its kind', 'where j.kind = $1::text and', 'where (j.kind = $1::text or true) and'),
  first('its id', 'j.id = $2::text and j.claims', '(j.id = $2::text or true) and j.claims'),
  first('never claimed before', 'j.claims = 0 and', '(j.claims = 0 or true) and'),
  first('pending', "j.status = 'pending' and", "(j.status = 'pending' or true) and"),
  first('due', 'j.run_at <= now()', any('j.run_at <= now()')),
  first('the same data', "${sameData('$6', '$7')}", any("${sameData('$6', '$7')}")),
  first('its steps are done', "${afterDone('$8', '$2::text')}", any("${afterDone('$8', '$2::text')}")),
  first('SET attempts', 'attempts = 1,', 'attempts = 0,'),
  first('SET updated_at', ', updated_at = now()\nwhere', '\nwhere'),
  first('the lease that was asked for', "$4::float8 * interval '1 ms'", "$4::float8 * interval '1 s'"),
];

const registering = of('claimOrRegister', 'postgres/sql/claim-or-register.ts');
const claimOrRegister = [
  registering('never claimed before', 'where j.claims = 0 and', 'where'),
  registering('pending', "j.status = 'pending' and", ''),
  registering('due', 'j.run_at <= now() and', ''),
  registering('the same data', "${sameData('$6', '$7')}", any("${sameData('$6', '$7')}")),
  registering('its steps are done', "${afterDone('$11', '$2::text')}", any("${afterDone('$11', '$2::text')}")),
  registering('a registered one is granted', 'where j.claims = 0 and', 'where false and j.claims = 0 and'),
  registering('the data is kept', '$8::jsonb, $7::text', '$8::jsonb - $7::text, null'),
  registering('the hash is kept', '$8::jsonb, $7::text,', '$8::jsonb, nullif($7::text, $7::text),'),
  registering('the priority is kept', '$9::smallint,', '($9::smallint * 0)::smallint,'),
  registering('the bound is kept', '$10::int${where}', 'nullif($10::int, $10::int)${where}'),
  registering(
    'SET attempts',
    'claims = 1, attempts = 1, token = excluded',
    'claims = 1, attempts = 0, token = excluded',
  ),
  registering('SET updated_at', ', updated_at = now()\nwhere', '\nwhere'),
  registering("the holder's name", 'worker = excluded.worker', "worker = 'somebody'"),
];

const again = of('claimAgain', 'postgres/sql/claim-again.ts');
const claimAgain = [
  again('its kind', 'where j.kind = $1::text and j.id', 'where (j.kind = $1::text or true) and j.id'),
  again('its id', 'j.id = $2::text and j.claims', '(j.id = $2::text or true) and j.claims'),
  again('no grant since the last one that was found', 'j.claims = $11::bigint', any('j.claims = $11::bigint')),
  again('a pending one is due', 'and j.run_at <= now())', 'and (j.run_at <= now() or true))'),
  again(
    'a failed one that backs off only early',
    '(j.run_at <= now() or $12::bool))',
    '(j.run_at <= now() or $12::bool or true))',
  ),
  again('a failed one whose backoff has passed', '(j.run_at <= now() or $12::bool))', '$12::bool)'),
  again('pending', "(j.status = 'pending' and", "((j.status = 'pending' or j.status = 'ignored') and"),
  again('a succeeded one only for a rerun', 'and $8::bool)', 'and ($8::bool or true))'),
  again('only past its lease', 'or j.expires_at < now())', 'or j.expires_at is not null)'),
  again('the same data', "${sameData('$6', '$7')}", any("${sameData('$6', '$7')}")),
  again('its steps are done', "${afterDone('$13', '$2::text')}", any("${afterDone('$13', '$2::text')}")),
  again('for update', '  for update of j${lock}),', '  for no key update of j${lock}),'),
  again('no lock at all', '\n  for update of j${lock}),', '),'),
  of('takeOver', 'postgres/sql/claim-again.ts')(
    'skip locked',
    "export const takeOver = statement('', ' skip locked')",
    "export const takeOver = statement('', '')",
  ),
  of('takeOverAfter', 'postgres/sql/claim-again.ts')(
    'skip locked',
    "export const takeOverAfter = statement(after, ' skip locked')",
    "export const takeOverAfter = statement(after, '')",
  ),
  of('claimAgain', 'postgres/sql/claim-again.ts')(
    'waits for a row that another holds',
    "export const claimAgain = statement('', '')",
    "export const claimAgain = statement('', ' skip locked')",
  ),
  again('dies: only of a dead worker', "j.status = 'in_progress' and (j.crashes", '(j.crashes'),
  again(
    'dies: the bound of crashes',
    'and (j.crashes + 1 >= $9::int or',
    'and ((j.crashes + 1 >= $9::int and false) or',
  ),
  again('dies: the bound of crashes, one less', 'and (j.crashes + 1 >= $9::int or', 'and (j.crashes >= $9::int or'),
  again(
    'dies: the bound of attempts',
    'or j.failures + j.crashes + 1 >= coalesce(j.max_attempts, $10::int)) as dies',
    'or (j.failures + j.crashes + 1 >= coalesce(j.max_attempts, $10::int) and false)) as dies',
  ),
  again(
    'dies: failures count',
    'or j.failures + j.crashes + 1 >= coalesce(j.max_attempts, $10::int)) as dies',
    'or j.crashes + 1 >= coalesce(j.max_attempts, $10::int)) as dies',
  ),
  again(
    'dies: this crash counts',
    'or j.failures + j.crashes + 1 >= coalesce(j.max_attempts, $10::int)) as dies',
    'or j.failures + j.crashes >= coalesce(j.max_attempts, $10::int)) as dies',
  ),
  again("dies: the job's own bound", 'coalesce(j.max_attempts, $10::int)) as dies', '$10::int) as dies'),
  again(
    'history: only of a job that was claimed',
    "moveToHistory('claims > 0 and not dies')",
    "moveToHistory('not dies')",
  ),
  again(
    'history: a dead attempt stays on the row',
    "moveToHistory('claims > 0 and not dies')",
    "moveToHistory('claims > 0')",
  ),
  again('history: the last attempt is moved', "moveToHistory('claims > 0 and not dies')", "moveToHistory('false')"),
  again('SET claims', 'claims = j.claims + case when d.dies then 0 else 1 end', 'claims = j.claims'),
  again(
    'SET claims: not of one that died',
    'claims = j.claims + case when d.dies then 0 else 1 end',
    'claims = j.claims + 1',
  ),
  again('SET attempts', 'attempts = j.attempts + case when d.dies then 0 else 1 end', 'attempts = j.attempts'),
  again(
    'SET attempts: not of one that died',
    'attempts = j.attempts + case when d.dies then 0 else 1 end',
    'attempts = j.attempts + 1',
  ),
  again('SET crashes', "j.crashes + case when d.status = 'in_progress' then 1 else 0 end", 'j.crashes'),
  again(
    'SET crashes: only of a dead worker',
    "j.crashes + case when d.status = 'in_progress' then 1 else 0 end",
    'j.crashes + 1',
  ),
  again(
    'SET token: of one that died it stays',
    'token = case when d.dies then j.token else $3::uuid end',
    'token = $3::uuid',
  ),
  again(
    'SET worker: of one that died it stays',
    'worker = case when d.dies then j.worker else $5::text end',
    'worker = $5::text',
  ),
  again(
    'SET started_at: of one that died it stays',
    'case when d.dies then j.started_at else greatest(now(), d.finished_at, d.started_at) end',
    'greatest(now(), d.finished_at, d.started_at)',
  ),
  again(
    "SET started_at: not before its predecessor's end",
    'else greatest(now(), d.finished_at, d.started_at) end',
    'else greatest(now(), d.started_at) end',
  ),
  again(
    "SET started_at: not before a dead predecessor's start",
    'else greatest(now(), d.finished_at, d.started_at) end',
    'else greatest(now(), d.finished_at) end',
  ),
  again('SET finished_at: not before its start', 'greatest(now(), d.started_at) end', 'now() end'),
  again(
    'SET reason: cleared',
    'reason = case when d.dies then d.death end',
    'reason = case when d.dies then d.death else j.reason end',
  ),
  again('SET reason: why it died', 'reason = case when d.dies then d.death end', 'reason = null'),
  again(
    'SET error: how it died',
    "jsonb_build_object('name', 'JobCrashedError', 'message', d.death, 'fingerprint', 'worker-died')",
    'j.error',
  ),
  again('SET error: the last failure stays while the next attempt runs', 'else j.error end', 'end'),
  again(
    'SET progress: cleared',
    'progress = null, progress_note = null, progress_at = null, updated_at = now()',
    'updated_at = now()',
  ),
  again('SET updated_at', 'progress_at = null, updated_at = now()', 'progress_at = null'),
  again('says that it took over', "(d.status = 'in_progress')::text as took_over", "'false' as took_over"),
];

const due = of('claimDue', 'postgres/sql/claim-due.ts');
const claimDue = [
  due('its kind', 'j.kind = $1::text and j.status', '(j.kind = $1::text or true) and j.status'),
  due('pending or failed', "j.status in ('pending', 'failed')", "(j.status in ('pending', 'failed') or true)"),
  due('due', 'j.run_at <= now()', any('j.run_at <= now()')),
  due('one level at a time', 'j.priority = level.priority', any('j.priority = level.priority')),
  due('the highest level first', 'generate_series(9, 0, -1)', 'generate_series(0, 9)'),
  due('by time within a level', 'order by j.run_at, j.id limit', 'order by j.id limit'),
  due('at most so many', '    limit $2::int) x)', '    limit all) x)'),
  due('skip locked', 'for update of j skip locked) d', 'for update of j) d'),
  due('for update', 'for update of j skip locked) d', ') d'),
  due('a token each', '[row_number() over ()]', '[1 + 0 * row_number() over ()]'),
  due('its steps are done', "${afterDone('$6', 'j.id')}", any("${afterDone('$6', 'j.id')}")),
  due('history: only of a job that was claimed', "moveToHistory('claims > 0')", "moveToHistory('true')"),
  due('history: the last attempt is moved', "moveToHistory('claims > 0')", "moveToHistory('false')"),
  due('SET claims', 'claims = j.claims + 1', 'claims = greatest(j.claims, 1)'),
  due('SET attempts', 'attempts = j.attempts + 1', 'attempts = j.attempts'),
  due("SET started_at: not before its predecessor's end", 'greatest(now(), d.finished_at)', 'now()'),
  due(
    'SET progress: cleared',
    'progress = null, progress_note = null, progress_at = null, updated_at = now()',
    'updated_at = now()',
  ),
  due('SET updated_at', 'progress_at = null, updated_at = now()', 'progress_at = null'),
  due('in the order of the claim', 'order by priority desc, due_since, id', 'order by priority, due_since desc'),
];

const take = of('moveToHistory', 'postgres/sql/take.ts');
const moveToHistory = [
  take(
    'an attempt that was given back has its number',
    "attempts + case when outcome in ('snoozed', 'interrupted', 'released') then 1 else 0 end",
    'attempts',
  ),
  take('one that never ended is crashed', "coalesce(outcome, 'crashed')", "coalesce(outcome, 'released')"),
  take('one that never ended does not end before its start', 'greatest(now(), started_at)', 'now()'),
  take(
    "an error is its own attempt's",
    "case when outcome in ('failed', 'ignored', 'crashed') then error end\n",
    'error\n',
  ),
  take('an error is kept', "case when outcome in ('failed', 'ignored', 'crashed') then error end\n", 'null\n'),
];

const expired = of('findExpired', 'postgres/sql/find-expired.ts');
const others = [
  expired('its kind', 'j.kind = $1::text', any('j.kind = $1::text')),
  expired('past its lease', 'j.expires_at < now()', any('j.expires_at < now()')),
  expired('its steps are done', "${afterDone('$4', 'j.id')}", any("${afterDone('$4', 'j.id')}")),
  expired('at most so many', 'limit $2::int', 'limit $2::int + 100'),
  of('findGranted', 'postgres/sql/find-granted.ts')(
    'within its lease',
    'j.expires_at > now()',
    any('j.expires_at > now()'),
  ),
];

const standing = of('readStanding', 'postgres/sql/read-standing.ts');
const readStanding = [
  standing('its id', 'on j.kind = $1::text and j.id = $2::text', 'on j.kind = $1::text and (j.id = $2::text or true)'),
  standing('granted: to this token', 'j.token = $3::uuid and', '(j.token = $3::uuid or true) and'),
  standing(
    'granted: within its lease',
    'j.token = $3::uuid and j.expires_at > now()',
    'j.token = $3::uuid and j.expires_at is not null',
  ),
  standing('granted: not ended', 'j.token = $3::uuid and j.expires_at > now()', 'j.token = $3::uuid'),
  standing(
    'expired: past its lease',
    'coalesce(j.expires_at < now(), false)',
    'coalesce(j.expires_at is not null, false)',
  ),
  standing('mismatch: only when that is asked', 'coalesce($4::bool and', 'coalesce(($4::bool or true) and'),
  standing(
    'mismatch: the hash is compared',
    'j.data_hash is distinct from $5::text',
    'j.data_hash is not null and $5::text is null',
  ),
  standing(
    'mismatch: not of a missing job',
    ' and j.kind is not null, false)::text as mismatch',
    ', false)::text as mismatch',
  ),
  standing('waits_for: the step has succeeded', "and p.status = 'succeeded')", "and (p.status = 'succeeded' or true))"),
  standing(
    'waits_for: the step is of the same id',
    'and p.id = $2::text and p.status',
    'and (p.id = $2::text or true) and p.status',
  ),
  standing('used: the token on the row', 'coalesce(j.token = $3::uuid, false)\n', 'false\n'),
  standing(
    'used: a token in history',
    'p.id = $2::text and p.token = $3::uuid))::text as used',
    'p.id = $2::text and p.token = $3::uuid and false))::text as used',
  ),
];

export const claims = [
  ...shared,
  ...claimFirst,
  ...claimOrRegister,
  ...claimAgain,
  ...claimDue,
  ...moveToHistory,
  ...others,
  ...readStanding,
];
