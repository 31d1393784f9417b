import { IGNORABLE, MATCHES, REMOVABLE, retriable } from './many.js';

/**
 * The next jobs for a verb over many, by key, behind the last one that was found. Where the kind is known the id alone says what is behind: beside
 * `kind = $1` a comparison of rows would not tell the index where to begin, and each reading would begin at the kind's first job, removed ones too.
 * $7 at most, $8 $9 the last one or null
 */
const statement = (state: string) => `
select j.kind, j.id from "job" j where ${MATCHES} and ${state}
  and ($8::text is null or ($1::text is null and (j.kind, j.id) > ($8::text, $9::text)) or ($1::text is not null and j.id > $9::text))
order by j.kind, j.id limit $7::int`;

/** $10 succeeded ones too, $11 pending ones too that wait for a later time or have counts */
export const findRetriable = statement(retriable('$10', '$11'));
export const findIgnorable = statement(IGNORABLE);
export const findRemovable = statement(REMOVABLE);
