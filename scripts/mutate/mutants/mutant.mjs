const SRC = 'libs/job-tracking/src';

/** `of('claimFirst', 'postgres/sql/claim-first.ts')('its id', 'find', 'put')`: what the table calls it, and what is done to the file. */
export function of(name, file) {
  return (what, find, put) => ({ name: `${name}: ${what}`, of: name, what, file: `${SRC}/${file}`, find, put });
}

/** A condition that holds for every row, in a text that still names its parameters: without them PostgreSQL would refuse the whole text. */
export function any(condition) {
  return `(${condition} or true)`;
}
