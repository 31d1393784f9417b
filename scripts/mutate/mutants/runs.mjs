// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are texts of the source.
import { of } from './mutant.mjs';

const TOKEN = 'and j.token = $3::uuid and';
const ENDED = 'j.expires_at is not null';

/** The fence of every write of a run. Its kind and id find the row; a token that is shown for another job must not open that one's. */
function fence(mutant) {
  return [
    mutant('its kind', 'j.kind = $1::text and', '(j.kind = $1::text or true) and'),
    mutant('its id', 'and j.id = $2::text and', 'and (j.id = $2::text or true) and'),
    mutant('the token', TOKEN, 'and (j.token = $3::uuid or true) and'),
    mutant('not ended', `$3::uuid and ${ENDED}`, '$3::uuid'),
  ];
}

const renewal = of('renew', 'postgres/sql/renew.ts');
const renew = [
  ...fence(renewal),
  renewal(
    'shortens nothing',
    "greatest(j.expires_at, now() + $4::float8 * interval '1 ms')",
    "now() + $4::float8 * interval '1 ms'",
  ),
  renewal(
    'moves the end',
    "greatest(j.expires_at, now() + $4::float8 * interval '1 ms')",
    "greatest(j.expires_at, now() + 0 * $4::float8 * interval '1 ms')",
  ),
  renewal('progress stays where none came', 'coalesce($5::real, j.progress)', '$5::real'),
  renewal(
    'a note stays where no progress came',
    'case when $5::real is null then j.progress_note else $6::text end',
    '$6::text',
  ),
  renewal(
    'a new progress has its own note',
    'case when $5::real is null then j.progress_note else $6::text end',
    'coalesce($6::text, j.progress_note)',
  ),
  renewal(
    'its time stays where no progress came',
    'case when $5::real is null then j.progress_at else now() end',
    'now()',
  ),
];

const keeping = of('keepCheckpoint', 'postgres/sql/keep-checkpoint.ts');
const checkpoints = [
  keeping(
    'a late one does not bring the older state back',
    'case when j.checkpoint_no > $5::bigint then j.checkpoint else $4::jsonb end',
    '$4::jsonb',
  ),
  keeping('the last number stays', 'greatest(j.checkpoint_no, $5::bigint)', '$5::bigint'),
];
const asserting = of('checkHeld', 'postgres/sql/check-held.ts');

const success = of('recordSuccess', 'postgres/sql/record-success.ts');
const recordSuccess = [
  ...fence(success),
  success('not before its start', 'greatest(now(), j.started_at)', 'now()'),
  success('SET updated_at', 'expires_at = null, updated_at = now(),', 'expires_at = null,'),
  success('SET output', 'output = $4::jsonb', 'output = coalesce(j.output, $4::jsonb)'),
  success('data stays where none was staged', 'coalesce($5::jsonb, j.data)', '$5::jsonb'),
  success('staged data is written', 'coalesce($5::jsonb, j.data)', 'coalesce(j.data, $5::jsonb)'),
  success('SET error: cleared', 'error = null, ', ''),
  success('SET reason', 'reason = $6::text', 'reason = nullif($6::text, $6::text)'),
  success('SET checkpoint: cleared', 'checkpoint = null, ', ''),
  success('SET failures: cleared', 'failures = 0, crashes = 0', 'crashes = 0'),
  success('SET crashes: cleared', 'failures = 0, crashes = 0', 'failures = 0'),
];

const end = of('recordEnding', 'postgres/sql/record-ending.ts');
const BOUND =
  "when 'failed' then case when j.failures + j.crashes + 1 >= coalesce(j.max_attempts, $7::int) then 'ignored' else 'failed' end";
const recordEnding = [
  ...fence(end),
  end('the bound of attempts', BOUND, "when 'failed' then 'failed'"),
  end('the bound: crashes count', BOUND, BOUND.replace('j.failures + j.crashes + 1', 'j.failures + 1')),
  end('the bound: this failure counts', BOUND, BOUND.replace('j.failures + j.crashes + 1', 'j.failures + j.crashes')),
  end("the bound: the job's own", BOUND, BOUND.replace('coalesce(j.max_attempts, $7::int)', '$7::int')),
  end(
    'ignored by its handler',
    "case $4::text when 'ignored' then 'ignored'\n",
    "case $4::text when 'ignored' then 'failed'\n",
  ),
  end('not before its start', 'greatest(now(), j.started_at)', 'now()'),
  end('SET updated_at', 'expires_at = null, updated_at = now(),', 'expires_at = null,'),
  end(
    'SET error: of a failure',
    "case when $4::text in ('failed', 'ignored') then $5::jsonb else j.error end",
    'coalesce(j.error, $5::jsonb)',
  ),
  end(
    'SET error: what is no failure leaves it',
    "case when $4::text in ('failed', 'ignored') then $5::jsonb else j.error end",
    '$5::jsonb',
  ),
  end(
    "SET reason: the handler's",
    "reason = case $4::text when 'ignored' then $6::text\n",
    "reason = case $4::text when 'ignored' then nullif($6::text, $6::text)\n",
  ),
  end(
    'SET reason: only where the attempts are used up',
    "when 'failed' then case when j.failures + j.crashes + 1 >= coalesce(j.max_attempts, $7::int)\n",
    "when 'failed' then case when true\n",
  ),
  end('SET reason: crashes are told apart', "case j.crashes when 0 then 'failed '", "case 0 when 0 then 'failed '"),
  end('SET failures', "j.failures + case $4::text when 'failed' then 1 else 0 end", 'j.failures'),
  end(
    'SET failures: of a failure only',
    "j.failures + case $4::text when 'failed' then 1 else 0 end",
    'j.failures + 1',
  ),
  ...['snoozed', 'interrupted', 'released'].map((outcome) =>
    end(
      `SET attempts: ${outcome} gives it back`,
      "when $4::text in ('snoozed', 'interrupted', 'released') then 1",
      `when $4::text in (${['snoozed', 'interrupted', 'released']
        .filter((other) => other !== outcome)
        .map((other) => `'${other}'`)
        .join(', ')}) then 1`,
    ),
  ),
  end(
    'SET attempts: a failure is charged',
    "case when $4::text in ('snoozed', 'interrupted', 'released') then 1 else 0 end",
    '1',
  ),
  end(
    'SET run_at',
    "run_at = now() + $8::float8 * interval '1 ms'",
    "run_at = now() + 0 * $8::float8 * interval '1 ms'",
  ),
];

const reading = of('readRecord', 'postgres/sql/read-record.ts');
const readRecord = [
  reading('its id', 'on j.kind = $1::text and j.id = $2::text', 'on j.kind = $1::text and (j.id = $2::text or true)'),
  reading('the row: of this token', 'j.token = $3::uuid and', '(j.token = $3::uuid or true) and'),
  reading('the row is read', 'case when j.token = $3::uuid', 'case when false and j.token = $3::uuid'),
  reading('history is read', 'and p.token = $3::uuid', 'and p.token = $3::uuid and false'),
  reading(
    'history: of this token',
    'p.token = $3::uuid)',
    '(p.token = $3::uuid or true) order by p.claim desc limit 1)',
  ),
  reading(
    'history: of this job',
    'p.kind = $1::text and p.id = $2::text',
    '$1::text is not null and $2::text is not null',
  ),
];

export const runs = [
  ...renew,
  ...fence(keeping),
  ...checkpoints,
  ...fence(asserting),
  ...recordSuccess,
  ...recordEnding,
  ...readRecord,
];
