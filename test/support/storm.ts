/** What the workers of a storm and those who look at it afterwards agree on. */
export const STORM_KIND = 'storm';
export const STORM_LEASE = 500;
export const STORM_POLL = 50;

export interface StormOptions {
  url: string;
  worker: string;
  /** Jobs are '0' to this. */
  jobs: number;
}

/** Beside the tables: what handlers were granted and callers were told, each written before anything else happens. */
export const STORM_TABLES = `
  create table granted (id text not null, claim int not null, worker text not null);
  create table told (call jsonb not null)`;
