import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf, frameLines } from './fingerprint.js';

const PROJECT = '/srv/app/dist';
const stackOf = (frames: readonly string[], message = 'no stock') =>
  [`OutOfStockError: ${message}`, ...frames.map((frame) => `    at ${frame}`)].join('\n');
const ofMessage = (message: string) => fingerprintOf('Error', message, '');
const ofFrames = (...frames: string[]) => fingerprintOf('Error', 'no stock', stackOf(frames));

const number = fc.oneof(
  fc.bigInt().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.integer({ min: 0 }).map((n) => n.toLocaleString('en')),
  fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(9e12) }).map((date) => date.toISOString()),
);
/** What a text may have in one place, so that two of them differ only in that. */
const variables: Record<string, fc.Arbitrary<string>> = {
  numbers: number,
  uuids: fc.uuid(),
  'hex ids': fc.stringMatching(/^[0-9a-f]{8,40}$/),
  'ids of letters and digits': fc.stringMatching(/^cus_[A-Za-z]{3}[0-9][A-Za-z0-9]{4}$/),
  'quoted parts': fc
    .tuple(fc.string({ unit: 'binary' }), fc.constantFrom('""', "''", '``', '«»', '“”', '‘’'))
    .map(([text, [open = '', close = '']]) => `${open}${text.replaceAll(open, '').replaceAll(close, '')}${close}`),
  'mail addresses': fc.emailAddress().filter((address) => !/^['`]/.test(address)),
  'queries of addresses': fc.webQueryParameters().map((query) => `https://api.example.com/v1/charges?${query}`),
  'logins in addresses': fc
    .stringMatching(/^[a-z]{1,8}:[a-z%-]{1,8}$/)
    .map((login) => `https://${login}@api.example.com/v1/charges`),
};

describe('a message', () => {
  for (const [what, variable] of Object.entries(variables))
    it(`that differs only in its ${what} has the same fingerprint`, () => {
      fc.assert(
        fc.property(variable, variable, (one, other) => {
          const message = (part: string) => `order ${part} (of ${part}): rejected by ${part}, try later`;
          expect(ofMessage(message(one))).toBe(ofMessage(message(other)));
        }),
      );
    });

  it('that differs in its words has another one, with or without variable parts', () => {
    expect(ofMessage('order 7 is unknown')).not.toBe(ofMessage('order 7 is closed'));
    expect(ofMessage('column "a" is missing')).not.toBe(ofMessage('column "a" of "b" is missing'));
    expect(ofMessage("can't ship, won't retry")).not.toBe(ofMessage("can't bill, won't retry"));
    expect(ofMessage('GET https://a.example/v1/charges')).not.toBe(ofMessage('GET https://a.example/v1/refunds'));
  });

  it('about rejected JSON is the same whatever the JSON was', () => {
    const rejected = ['no', '{"a": 5', `{"a":1,"b":[${'"text",'.repeat(50)}}`, "'"].map((text) => {
      try {
        JSON.parse(text);
      } catch (error) {
        if (error instanceof Error && error.message.includes('is not valid JSON')) return ofMessage(error.message);
      }
      return undefined;
    });
    expect(new Set(rejected.filter(Boolean)).size).toBe(1);
  });

  it.each([
    ['one word', 'a'.repeat(5_000_000)],
    ['open quotes', '«"\' “'.repeat(1_000_000)],
    ['half an address', 'a.b+c-'.repeat(1_000_000)],
    ['question marks', `https://${'?#'.repeat(2_000_000)}`],
    ['quotes before a verdict', `${'" '.repeat(8_000)}is not valid JSON`],
    ['numbers', '1.2-3:'.repeat(1_000_000)],
  ])('that is huge and odd (%s) costs no time', (_name, message) => {
    const started = performance.now();
    expect(ofMessage(message)).toMatch(/^[0-9a-f]{16}$/);
    expect(performance.now() - started).toBeLessThan(10_000); // some ms; work that grows with the square would take minutes
  });
});

describe('a stack', () => {
  const ship = `Shipping.ship (${PROJECT}/shipping.js:10:5)`;
  const pack = `async pack (${PROJECT}/packing.js:20:1)`;
  const main = `${PROJECT}/main.js:1:1`;

  it('counts by the innermost three frames of the user', () => {
    expect(ofFrames(ship, pack, main, `a (${PROJECT}/a.js:1:1)`)).toBe(
      ofFrames(ship, pack, main, `b (${PROJECT}/b.js:1:1)`),
    );
    expect(ofFrames(ship, pack)).not.toBe(ofFrames(pack, ship));
    expect(ofFrames(ship)).not.toBe(ofFrames(`Shipping.bill (${PROJECT}/shipping.js:10:5)`));
    expect(ofFrames(ship)).not.toBe(ofFrames());
  });

  it('has the same fingerprint on another host, after an edit above it, as a file or as an address, compiled or not', () => {
    expect(ofFrames(ship, main)).toBe(
      ofFrames('Shipping.ship (C:\\work\\shop (2)\\shipping.js:99:7)', 'C:\\work\\main.js:2:2'),
    );
    expect(ofFrames(ship)).toBe(ofFrames('async Shipping.ship (file:///home/me/shop/src/shipping.ts?v=12:1:1)'));
    expect(ofFrames(ship)).toBe(ofFrames(`Shipping.ship [as handler] (${PROJECT}/shipping.js:1:1)`));
  });

  it('counts no frame of Node, of a package, of V8 or of this library', () => {
    const library = new URL('../nest/job-tracker.service.ts', import.meta.url).pathname;
    const others = [
      'node:internal/process/task_queues:95:5',
      'process.processTicksAndRejections (node:internal/process/task_queues:95:5)',
      `Query.run (${PROJECT}/node_modules/pg/lib/query.js:1:1)`,
      'Array.map (<anonymous>)',
      'async Promise.all (index 0)',
      'new Promise (<anonymous>)',
      'eval (eval at load (/srv/app/x.js:1:1), <anonymous>:1:1)',
      `JobTrackerService.track (${library}:1:1)`,
    ];
    expect(ofFrames(...others, ship, ...others, main)).toBe(ofFrames(ship, main));
  });

  it('is read below its message, which may hold lines that look like frames', () => {
    const message = `remote said\n    at other (/srv/other.js:1:1)`;
    expect(frameLines(stackOf([ship, main], message), message)).toEqual([`at ${ship}`, `at ${main}`]);
    expect(frameLines(stackOf([ship]), 'changed later')).toEqual([`at ${ship}`]);
    expect(frameLines('', '')).toEqual([]);
  });
});

it('another class has another fingerprint', () => {
  expect(fingerprintOf('TypeError', 'a', '')).not.toBe(fingerprintOf('RangeError', 'a', ''));
});
