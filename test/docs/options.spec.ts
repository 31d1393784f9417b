import { beforeAll, describe, expect, test } from 'vitest';
import { column, tableOf, textOf } from './markdown.js';
import { propertiesOf } from './types.js';

const PAGE = 'docs/options.md';
const NAMES = 'ConsumeOptions, JobQuery, JobSpec, JobTrackingOptions, TrackingPolicy';

let properties: ReturnType<typeof read>;
beforeAll(() => {
  properties = read();
}, 60_000);

function read() {
  return propertiesOf(`import type { ${NAMES} } from 'nestjs-job-tracking';`, {
    forRoot: 'JobTrackingOptions',
    limits: "Required<JobTrackingOptions>['limits']",
    Policy: 'TrackingPolicy',
    consume: 'Omit<ConsumeOptions, keyof TrackingPolicy>',
    policyOfConsume: 'Pick<ConsumeOptions, keyof ConsumeOptions & keyof TrackingPolicy>',
    defaults: "Required<JobTrackingOptions>['defaults']",
    job: 'JobSpec',
    query: "Omit<JobQuery, 'id'>",
  });
}

describe.each([
  ['forRoot', 'forRoot', 'option'],
  ['Limits', 'limits', 'limit'],
  ['Policy', 'Policy', 'option'],
  ['consume', 'consume', 'option'],
  ['A job', 'job', 'field'],
  ['A query', 'query', 'condition'],
] as const)('«%s»', (heading, type, head) => {
  test('names every option there is, and no other', () => {
    expect(column(tableOf(PAGE, heading), head).sort()).toEqual(properties[type].sort());
  });
});

test('what a consumer and the defaults leave out of a policy is told', () => {
  const without = (...names: string[]) => properties.Policy.filter((name) => !names.includes(name)).sort();
  expect(textOf(PAGE)).toContain('take a policy without `onMissing` and `onDuplicate`');
  expect(properties.policyOfConsume.sort()).toEqual(without('onMissing', 'onDuplicate'));
  expect(textOf(PAGE)).toContain('of every kind and call that does not say otherwise, without `after`');
  expect(properties.defaults.sort()).toEqual(without('after'));
});
