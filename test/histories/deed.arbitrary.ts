import fc from 'fast-check';
import type { Claiming, Deed, Given, Key, Many, Terms } from './deed.js';

const key = fc.constantFrom<Key>('a/1', 'a/1', 'a/1', 'a/1', 'a/2', 'b/1');
const worker = fc.constantFrom('w1', 'w1', 'w1', 'w2', 'w3');
const bound = fc.constantFrom(3, 3, 9, 2, 1);
/** Most of the time the plain case. */
const rarely = fc.constantFrom(false, false, false, true);
const back = fc.constantFrom<0 | 1>(0, 0, 0, 1);
const delay = fc.constantFrom(0, 0, 0, 1000);

const given: fc.Arbitrary<Given> = fc.record({
  data: fc.constantFrom(null, 'x', 'y'),
  runIn: fc.constantFrom(null, null, null, null, null, null, 1000),
  bound: fc.constantFrom(null, null, null, null, 1, 2),
  priority: fc.constantFrom(0, 0, 9),
});

/** Only kind b comes after kind a. */
const terms = (kind: string): fc.Arbitrary<Terms> =>
  fc.record({
    lease: fc.constantFrom(1000, 1000, 5000),
    maxAttempts: bound,
    maxCrashes: bound,
    afterA: kind === 'b' ? rarely : fc.constant(false),
  });

const many: fc.Arbitrary<Many> = fc.record({
  kind: fc.constantFrom('a', 'a', 'b'),
  statuses: fc.constantFrom(undefined, undefined, ['pending'], ['failed', 'ignored'], ['succeeded'], []),
  limit: fc.constantFrom(undefined, undefined, 1),
});

/** Who registers with the claim compares, if at all, with what it registers. */
const registering = fc.oneof(
  {
    weight: 2,
    arbitrary: given.chain((given) =>
      fc.record({ given: fc.constant(given), compare: fc.constantFrom(undefined, given.data) }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      given: fc.constant(null),
      compare: fc.constantFrom(undefined, undefined, undefined, null, 'x', 'y'),
    }),
  },
) as fc.Arbitrary<Pick<Claiming, 'given' | 'compare'>>;

const claim: fc.Arbitrary<Claiming> = fc.tuple(key, registering).chain(([key, registering]) =>
  fc.record({
    verb: fc.constant('claim' as const),
    worker,
    key: fc.constant(key),
    terms: terms(key.slice(0, 1)),
    rerun: rarely,
    early: fc.boolean(),
    given: fc.constant(registering.given),
    compare: fc.constant(registering.compare),
  }),
);

const claimDue = fc.constantFrom<'a' | 'b'>('a', 'a', 'b').chain((kind) =>
  fc.record({
    verb: fc.constant('claimDue' as const),
    worker,
    kind: fc.constant(kind),
    limit: fc.constantFrom(1, 2, 3),
    terms: terms(kind),
  }),
);

const run: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({
    verb: fc.constant('renew' as const),
    worker,
    back,
    lease: fc.constantFrom(500, 1000, 5000),
    fraction: fc.constantFrom(null, 0.5),
  }),
  fc.record({ verb: fc.constant('checkpoint' as const), worker, back, state: fc.constantFrom(1, 2) }),
  fc.record({ verb: fc.constant('isHeld' as const), worker, back }),
  {
    weight: 2,
    arbitrary: fc.record({
      verb: fc.constant('succeed' as const),
      worker,
      back,
      output: fc.constantFrom('done', null),
      data: fc.constantFrom(undefined, undefined, 'z' as const),
      reason: fc.constantFrom(null, null, 'too large'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      verb: fc.constant('end' as const),
      worker,
      back,
      outcome: fc.constantFrom('failed', 'failed', 'failed', 'ignored', 'snoozed', 'interrupted', 'released'),
      delay,
      maxAttempts: bound,
    }),
  },
);

const operator: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('retry' as const), key, rerun: rarely }) },
  { weight: 4, arbitrary: fc.record({ verb: fc.constantFrom('ignore', 'release', 'remove'), key }) },
  fc.record({ verb: fc.constant('retryMany' as const), many, rerun: rarely }),
  fc.record({ verb: fc.constantFrom('ignoreMany', 'removeMany'), many }),
);

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 8, arbitrary: claim },
  { weight: 3, arbitrary: claimDue },
  {
    weight: 2,
    arbitrary: fc.record({
      verb: fc.constant('resend' as const),
      worker,
      which: fc.constantFrom('granted' as const, 'asked' as const),
    }),
  },
  { weight: 9, arbitrary: run },
  { weight: 3, arbitrary: operator },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('register' as const), key, given }) },
  {
    weight: 1,
    arbitrary: fc.record({
      verb: fc.constant('registerSet' as const),
      jobs: fc.array(fc.record({ key, given }), { minLength: 1, maxLength: 3 }),
    }),
  },
);

/** Up to a lease's very end, and past it: a worker that is not heard of meanwhile counts as dead. */
const pass: fc.Arbitrary<Deed> = fc.record({
  verb: fc.constant('pass' as const),
  ms: fc.constantFrom(1, 999, 1000, 5001),
});

/** What happens next: one deed, or sometimes two at once. */
export const anyDeeds: fc.Arbitrary<Deed[]> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(pass) },
  { weight: 8, arbitrary: fc.tuple(deed) },
  { weight: 4, arbitrary: fc.array(deed, { minLength: 1, maxLength: 2 }) },
);
